import { describe, expect, it } from 'vitest';
import { isInFuture, observationTimeOf } from '../../../rules/chart/observation-time.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import { spanOf } from '../../../rules/fhir/time.ts';
import { quantityOf, readLab } from '../../support/chart-resources.ts';
import { at, type Resource } from '../../support/readings.ts';

describe('the time of a result', () => {
  const none = { effectiveDateTime: undefined };
  it.each([
    ['effectiveDateTime', { effectiveDateTime: '2026-01-30', issued: '2026-01-31T00:00:00Z' }, '2026-01-30'],
    ['effectiveInstant', { ...none, effectiveInstant: '2026-01-30T01:00:00Z' }, '2026-01-30T01:00:00Z'],
    [
      'the end of effectivePeriod',
      {
        ...none,
        effectivePeriod: { start: '2026-01-01', end: '2026-01-29' },
        issued: '2026-01-31T00:00:00Z',
      },
      '2026-01-29',
    ],
    [
      'the start of a period without an end',
      { ...none, effectivePeriod: { start: '2026-01-01' }, issued: '2026-01-28T00:00:00Z' },
      '2026-01-01',
    ],
    [
      'the last event of effectiveTiming',
      { ...none, effectiveTiming: { event: ['2026-01-29', '2026-01-27'] }, issued: '2026-01-30T00:00:00Z' },
      '2026-01-29',
    ],
    [
      'the end of the bounds of effectiveTiming',
      { ...none, effectiveTiming: { repeat: { boundsPeriod: { start: '2026-01-01', end: '2026-01-02' } } } },
      '2026-01-02',
    ],
    ['issued', { ...none, issued: '2026-01-28T00:00:00Z' }, '2026-01-28T00:00:00Z'],
    [
      'issued after a date that is none',
      { effectiveDateTime: '2026-02-30', issued: '2026-01-28T00:00:00Z' },
      '2026-01-28T00:00:00Z',
    ],
  ])('is %s', (_, given, time) => {
    const { lab } = readLab({ valueQuantity: quantityOf(1), ...given });
    expect(lab).toMatchObject({ used: true, time });
  });

  it.each([
    ['no time', none],
    ['a date that is none', { effectiveDateTime: '2026-02-30T10:00:00Z' }],
    ['a text', { effectiveDateTime: 'last week' }],
    ['a start that is none', { ...none, effectivePeriod: { start: 'yesterday' } }],
    ['an event that is none', { ...none, effectiveTiming: { event: ['yesterday'] } }],
  ])('%s: it is never recent, so not used', (_, given) => {
    const { lab, codes } = readLab({ valueQuantity: quantityOf(1), ...given });
    expect(lab).toMatchObject({ used: false, time: null, span: null });
    expect(codes).toEqual(['lab-undated']);
  });

  it.each<[string, Resource, string]>([
    ['until now', {}, '2026-01-31T12:00:00Z'],
    ['until it was issued', { issued: '2026-01-31T10:00:00.000Z' }, '2026-01-31T10:00:00Z'],
    ['until now where it was issued before', { issued: '2026-01-30T10:00:00Z' }, '2026-01-31T12:00:00Z'],
  ])('of a period without an end is some time since its start, %s', (_name, more, to) => {
    const effectivePeriod = { start: '2026-01-31T09:00:00Z' };
    const { lab, codes } = readLab({ valueQuantity: quantityOf(1), ...none, effectivePeriod, ...more });
    expect(lab).toMatchObject({ used: true, span: { from: Date.parse('2026-01-31T09:00:00Z') } });
    expect(lab.span?.to).toBe(Date.parse(to));
    expect(codes).toEqual([]);
  });

  it('of a period that starts after now is in the future', () => {
    const effectivePeriod = { start: '2026-02-02' };
    expect(readLab({ valueQuantity: quantityOf(1), ...none, effectivePeriod }).codes).toEqual([
      'lab-in-future',
    ]);
  });

  it.each([
    ['2026-01-31T12:00:00Z', true, 'now'],
    ['2026-01-31T12:05:00Z', true, '5 minutes from now'],
    ['2026-01-31T12:05:01Z', false, '5 minutes and 1 second from now'],
    ['2026-01-31T13:04:00+01:00', true, '4 minutes from now by its offset'],
    ['2026-01-31T11:30:00-01:00', false, '30 minutes from now by its offset'],
    ['2026-01-31', true, 'today'],
    ['2026-01', true, 'this month'],
    ['2026', true, 'this year'],
    ['2026-02-01', true, 'tomorrow, which has begun somewhere on earth'],
    ['2026-02', true, 'next month, which has begun somewhere on earth'],
    ['2026-02-01T00:00:00Z', false, 'midnight, 12 hours from now'],
    ['2026-02-02', false, 'the day after tomorrow, which has begun nowhere'],
    ['2027', false, 'next year'],
    ['2026-03', false, 'the month after next'],
  ])('%s is used: %s (%s)', (effectiveDateTime, used) => {
    const { lab, codes } = readLab({ valueQuantity: quantityOf(1), effectiveDateTime });
    expect(lab.used).toBe(used);
    expect(codes).toEqual(used ? [] : ['lab-in-future']);
  });
});

describe('a time is in the future', () => {
  it.each<[string, boolean]>([
    ['2026-01-31T12:05:00Z', false],
    ['2026-01-31T12:05:01Z', true],
    ['2026-01-31T13:05:00+01:00', false],
    ['2026-01-31T13:05:01+01:00', true],
    ['2026-01-31T17:35:01+05:30', true],
    ['2026-01-31T07:05:00-05:00', false],
    ['2026-01-31T07:05:01-05:00', true],
    // Without an offset it may be meant fourteen hours earlier.
    ['2026-02-01T02:05:00', false],
    ['2026-02-01T02:05:01', true],
    ['2026-02-01', false],
    ['2026-02-02', true],
    ['2026-02', false],
    ['2026-03', true],
  ])('%s: %j', (time, expected) => {
    expect(isInFuture({ time, span: spanOf(time) }, at)).toBe(expected);
  });
  it('but nothing that has no time', () => {
    expect(isInFuture({ time: null, span: null }, at)).toBe(false);
    expect(isInFuture({ time: 'tomorrow', span: null }, at)).toBe(false);
    expect(isInFuture({ time: null, span: spanOf('2027') }, at)).toBe(false);
  });
});

describe('the time of an observation', () => {
  const times = {
    effectiveDateTime: '2026-01-01',
    effectiveInstant: '2026-01-02T00:00:00Z',
    effectivePeriod: { start: '2026-01-02', end: '2026-01-03' },
    issued: '2026-01-04T00:00:00Z',
  };
  it.each<[string, Json, string | null]>([
    ['its date', times, '2026-01-01'],
    ['its instant', { ...times, effectiveDateTime: undefined }, '2026-01-02T00:00:00Z'],
    ['the end of its period', { effectivePeriod: times.effectivePeriod, issued: times.issued }, '2026-01-03'],
    ['when it was issued', { effectiveDateTime: 'today', issued: times.issued }, '2026-01-04T00:00:00Z'],
    ['none without a date', { effectivePeriod: {} }, null],
  ])('is %s', (_name, resource, time) => {
    expect(observationTimeOf(resource, at)).toMatchObject({ time, span: spanOf(time) });
  });
});
