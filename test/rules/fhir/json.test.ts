import { isMainThread } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { asArray, asString, codeOf, codingsOf, printableCode } from '../../../rules/fhir/json.ts';
import { normalReference } from '../../../rules/fhir/reference.ts';
import { milliseconds, spanOf } from '../../../rules/fhir/time.ts';
import { toTwelveDigits } from '../../../rules/terminology/units.ts';

const iso = (value: unknown): [string, string] | null => {
  const span = spanOf(value);
  return span && [new Date(span.from).toISOString(), new Date(span.to).toISOString()];
};

describe('the span of a FHIR date', () => {
  const spans: readonly [string, string, string][] = [
    ['2026', '2026-01-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2026-01', '2026-01-01T00:00:00.000Z', '2026-01-31T23:59:59.999Z'],
    ['2026-02', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2026-12', '2026-12-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-02-29T23:59:59.999Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:59.999Z'],
    ['2026-01-31T12:00Z', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:59.999Z'],
    ['2026-01-31T12:00:00', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.999Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.999Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00.1234567Z', '2026-01-31T12:00:00.123Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.000Z', '2026-01-31T11:00:00.999Z'],
    ['2026-01-31T12:00:00-05:30', '2026-01-31T17:30:00.000Z', '2026-01-31T17:30:00.999Z'],
    ['2026-01-31T00:30:00+14:00', '2026-01-30T10:30:00.000Z', '2026-01-30T10:30:00.999Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000Z', '2027-01-01T00:30:00.999Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z', '2024-02-29T12:00:00.999Z'],
    ['1000', '1000-01-01T00:00:00.000Z', '1000-12-31T23:59:59.999Z'],
    ['1000-01-01T00:00Z', '1000-01-01T00:00:00.000Z', '1000-01-01T00:00:59.999Z'],
    // 40 characters are the most that is read.
    [`2026-01-31T12:00:00.${'1'.repeat(19)}Z`, '2026-01-31T12:00:00.111Z', '2026-01-31T12:00:00.111Z'],
  ];
  it.each(spans)('of `%s` is from %s to %s', (value, from, to) => {
    expect(iso(value)).toEqual([from, to]);
  });

  const invalid: readonly unknown[] = [
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-00',
    '2026-13',
    '2026-01-00',
    '2026-01-32',
    '2026-00-10',
    '2026-02-29T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-04-31T12:00',
    '2026-02-30T23:30:00-01:00',
    '2026-13-01T12:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:00+25:00',
    '0999',
    '26-01-31',
    '2026-1-3',
    '2026-01-31T12',
    '2026-01-31 12:00:00',
    '2026-01-31T12:00:00 Z',
    '20260131',
    '31.01.2026',
    'yesterday',
    '',
    ' 2026',
    `2026-01-31T12:00:00.${'1'.repeat(20)}Z`,
    '0999-12-31T12:00:00Z',
    '2026-01-00T12:00:00Z',
    2026,
    null,
    undefined,
    {},
    ['2026'],
    new Date(0),
  ];
  it.each(invalid.map((value) => [value]))('of %j is null: it is no date of the calendar', (value) => {
    expect(spanOf(value)).toBeNull();
  });

  it('knows every day from 0 to 32 of every month from 0 to 13, with a time and without', () => {
    const longest = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0];
    const isLeap = (year: number): boolean => year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
    const two = (value: number): string => String(value).padStart(2, '0');
    const months = [1900, 2000, 2023, 2024, 2026, 2100].flatMap((year) =>
      longest.map((days, month) => ({ year, month, last: month === 2 && isLeap(year) ? 29 : days })),
    );
    const dates = months.flatMap(({ year, month, last }) =>
      Array.from({ length: 33 }, (_, day) => ({
        date: `${year}-${two(month)}-${two(day)}`,
        isDay: day >= 1 && day <= last,
      })),
    );
    expect(dates).toHaveLength(6 * 14 * 33);
    const wrong = dates.flatMap(({ date, isDay }) =>
      ['', 'T10:00', 'T10:00:00+02:00', 'T10:00:00.000Z']
        .map((time) => date + time)
        .filter((value) => (spanOf(value) !== null) !== isDay),
    );
    expect(wrong).toEqual([]);
  });

  // How one instant is written at each precision, by the ISO string of the instant alone.
  const precisions: readonly { name: string; write: (instant: number) => string }[] = [
    { name: 'year', write: (instant) => new Date(instant).toISOString().slice(0, 4) },
    { name: 'month', write: (instant) => new Date(instant).toISOString().slice(0, 7) },
    { name: 'day', write: (instant) => new Date(instant).toISOString().slice(0, 10) },
    { name: 'minute', write: (instant) => `${new Date(instant).toISOString().slice(0, 16)}Z` },
    { name: 'second', write: (instant) => `${new Date(instant).toISOString().slice(0, 19)}Z` },
    { name: 'millisecond', write: (instant) => new Date(instant).toISOString() },
  ];
  const instants = fc.integer({
    min: Date.parse('1001-01-01T00:00:00Z'),
    max: Date.parse('9998-12-31T23:59:59Z'),
  });
  it.each(precisions)('holds every instant that a $name may mean, and no other', ({ write }) => {
    fc.assert(
      fc.property(instants, (instant) => {
        const value = write(instant);
        const span = spanOf(value);
        if (span === null) return false;
        const holds = span.from <= instant && instant <= span.to;
        // The ends belong to it, and a millisecond beyond them is written differently.
        const exact = write(span.from) === value && write(span.to) === value;
        const tight = write(span.from - 1) !== value && write(span.to + 1) !== value;
        return holds && exact && tight;
      }),
    );
  });

  it('of a time with an offset from -12:00 to +14:00 holds the instant it was written at', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -12 * 60, max: 14 * 60 }), (instant, minutes) => {
        const local = new Date(instant + minutes * 60_000).toISOString().slice(0, 19);
        const size = Math.abs(minutes);
        const offset = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
        const span = spanOf(`${local}${offset}`);
        return span !== null && span.from <= instant && instant <= span.to && span.to - span.from === 999;
      }),
    );
  });

  it('is null or has its start before its end for any text of digits and signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-T:.Z+'), maxLength: 45 }), (value) => {
        const span = spanOf(value);
        return span === null || (Number.isFinite(span.from) && span.from <= span.to);
      }),
    );
  });

  // Only the main thread of a process can change its zone; `npm test` gives each file a process.
  describe.skipIf(!isMainThread)('whatever the time zone of the machine', () => {
    const before = process.env.TZ;
    afterEach(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
    it.each([
      { zone: 'UTC', minutes: 0 },
      { zone: 'Pacific/Kiritimati', minutes: -840 },
      { zone: 'Pacific/Pago_Pago', minutes: 660 },
      { zone: 'America/New_York', minutes: 300 },
      { zone: 'Asia/Kathmandu', minutes: -345 },
    ])('is the same in $zone', ({ zone, minutes }) => {
      process.env.TZ = zone;
      // Shows that the zone took effect: otherwise this would prove nothing.
      expect(new Date(2026, 0, 31).getTimezoneOffset()).toBe(minutes);
      for (const [value, from, to] of spans) expect(iso(value), value).toEqual([from, to]);
      // The hour that New York leaves out in spring.
      expect(iso('2026-03-08T02:30:00')).toEqual(['2026-03-08T02:30:00.000Z', '2026-03-08T02:30:00.999Z']);
    });
  });
});

describe('a duration of a rule', () => {
  it.each([
    ['P1D', 86_400_000],
    ['P3D', 259_200_000],
    ['P365D', 31_536_000_000],
    ['PT1H', 3_600_000],
    ['PT48H', 172_800_000],
  ])('`%s` is %d ms', (duration, expected) => {
    expect(milliseconds(duration)).toBe(expected);
  });
});

describe('the normal spelling of a reference', () => {
  it.each([
    ['relative', 'Patient/1', 'Patient/1'],
    ['relative with a version', 'Patient/1/_history/2', 'Patient/1'],
    ['absolute', 'https://ehr.example/fhir/Patient/1', 'Patient/1'],
    ['absolute with a version', 'https://ehr.example/fhir/Patient/1/_history/2', 'Patient/1'],
    ['absolute with a port and a tenant', 'http://127.0.0.1:8080/t/a/Observation/a-b.c', 'Observation/a-b.c'],
    ['of the server root', '/Patient/1', 'Patient/1'],
    [
      'urn:uuid',
      'urn:uuid:5f0e2b1c-1111-4c2d-9c1e-000000000001',
      'urn:uuid:5f0e2b1c-1111-4c2d-9c1e-000000000001',
    ],
    ['urn:oid', 'urn:oid:1.2.3', 'urn:oid:1.2.3'],
    ['contained', '#med1', '#med1'],
    ['contained, with a slash', '#Medication/1', '#Medication/1'],
    ['urn with a slash', 'urn:example:Patient/1', 'urn:example:Patient/1'],
    ['of a type that only ends like ours', 'myPatient/1', 'myPatient/1'],
    ['without a type', '1', '1'],
    ['conditional', 'Patient?identifier=1', 'Patient?identifier=1'],
  ])('%s: `%s` is `%s`, bare and in a Reference', (_, raw, expected) => {
    expect(normalReference(raw)).toBe(expected);
    expect(normalReference({ reference: raw })).toBe(expected);
  });

  it.each([
    [undefined],
    [null],
    [''],
    [7],
    [true],
    [[]],
    [{}],
    [{ reference: 7 }],
    [{ display: 'somebody' }],
  ])('of %j is null', (value) => {
    expect(normalReference(value)).toBeNull();
  });

  it('is its own normal spelling, for relative, absolute and versioned references alike', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
    const type = fc.constantFrom('Patient', 'Observation', 'MedicationRequest');
    const base = fc.constantFrom('', '/', 'https://ehr.example/fhir/', 'http://127.0.0.1:8080/');
    const version = fc.constantFrom('', '/_history/1', '/_history/a-b');
    fc.assert(
      fc.property(base, type, id, version, (prefix, name, given, suffix) => {
        const normal = normalReference(`${prefix}${name}/${given}${suffix}`);
        return normal === `${name}/${given}` && normalReference(normal) === normal;
      }),
    );
  });
});

describe('lists of real clients', () => {
  const one = { system: 'a', code: '1' };
  it.each([
    ['a list of 1', [one], [one]],
    ['a single object instead of a list', one, [one]],
    ['null entries beside 1 object', [null, one, undefined], [one]],
    ['texts, numbers and lists beside 1 object', ['x', 3, [one], one], [one]],
    ['nothing', undefined, []],
    ['null', null, []],
    ['a text', 'x', []],
    ['an empty list', [], []],
  ])('objects of %s', (_, value, expected) => {
    expect(asArray(value)).toEqual(expected);
  });

  it('a list of objects is given back as it is, not copied', () => {
    const list = [one, one];
    expect(asArray(list)).toBe(list);
  });

  it.each([
    ['a', 'a'],
    ['', null],
    [7, null],
    [null, null],
  ])('the text of %j is %j', (value, expected) => {
    expect(asString(value)).toBe(expected);
  });

  it.each([
    ['a concept with 1 coding', { coding: [one] }, [one]],
    ['a coding that is no list', { coding: one }, [one]],
    ['a concept of text alone', { text: 'x' }, []],
    ['a text', 'x', []],
    ['a list of concepts', [{ coding: [one] }], []],
    ['null', null, []],
    ['null codings', { coding: [null, one] }, [one]],
  ])('codings of %s', (_, value, expected) => {
    expect(codingsOf(value)).toEqual(expected);
  });

  it.each([
    ['a code', 'active', 'active'],
    ['a Coding', { code: 'active' }, 'active'],
    ['a CodeableConcept', { coding: [{ code: 'active' }] }, 'active'],
    ['a concept of text alone', { text: 'active' }, null],
    ['an empty text', '', null],
    ['a number', 3, null],
    ['a list', ['active'], null],
    ['null', null, null],
  ])('the code of %s', (_, value, expected) => {
    expect(codeOf(value)).toBe(expected);
  });
});

describe('a code in a message', () => {
  it.each([
    ['2160-0', '2160-0'],
    ['N18.30', 'N18.30'],
    ['a_b', 'a_b'],
    [6585, '6585'],
    ['a'.repeat(40), 'a'.repeat(40)],
  ])('%j is repeated', (value, expected) => {
    expect(printableCode(value)).toBe(expected);
  });
  it.each([
    ['Jane Doe'],
    ['a'.repeat(41)],
    [''],
    ['<b>'],
    ['a/b'],
    ['a\n'],
    ['`a`'],
    [null],
    [undefined],
    [{}],
    [-1.5e300 * 10 ** 300],
  ])('%j is not, unless it is short and made of code characters', (value) => {
    const printed = printableCode(value);
    expect(printed === null || /^[A-Za-z0-9._-]{1,40}$/.test(printed)).toBe(true);
    if (typeof value !== 'number') expect(printed).toBeNull();
  });
});

describe('tidy', () => {
  it('makes 1.2 - 0.9 equal to 0.3 and 0.1 + 0.2 equal to 0.3, and leaves 0.299999999 below it', () => {
    expect(toTwelveDigits(1.2 - 0.9)).toBe(0.3);
    expect(toTwelveDigits(0.1 + 0.2)).toBe(0.3);
    expect(toTwelveDigits(0.299999999)).toBeLessThan(0.3);
  });
});
