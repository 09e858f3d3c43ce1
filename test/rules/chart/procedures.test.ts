/** Procedure, https://hl7.org/fhir/R4/procedure.html: what was done tells of dialysis, a transplant, a pacemaker. */
import { describe, expect, it } from 'vitest';
import { noticeCodes, patient, readBundle, snomed, subject } from '../../support/chart-resources.ts';
import type { Resource } from '../../support/readings.ts';

const coded = (code: string, system = snomed): Resource => ({ coding: [{ system, code }] });
const procedure = (more: Resource): Resource => ({
  resourceType: 'Procedure',
  id: 'p',
  status: 'completed',
  subject,
  code: coded('302497006'),
  performedDateTime: '2026-01-29T08:00:00Z',
  ...more,
});
const read = (more: Resource) => readBundle([patient, procedure(more)]);
const cpt = 'http://www.ama-assn.org/go/cpt';

describe('a procedure', () => {
  it.each<[string, Resource, string[]]>([
    ['hemodialysis', {}, ['dialysis']],
    ['peritoneal dialysis', { code: coded('71192002') }, ['dialysis']],
    ['dialysis in CPT', { code: coded('90935', cpt) }, ['dialysis']],
    ['a month of end-stage services', { code: coded('90960', cpt) }, ['dialysis']],
    [
      'dialysis in ICD-10-PCS',
      { code: coded('5A1D70Z', 'http://www.cms.gov/Medicare/Coding/ICD10') },
      ['dialysis'],
    ],
    [
      'dialysis in HCPCS',
      { code: coded('G0257', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets') },
      ['dialysis'],
    ],
    ['dialysis in OPS', { code: coded('8-854.2', 'http://fhir.de/CodeSystem/bfarm/ops') }, ['dialysis']],
    ['hemoperfusion in OPS', { code: coded('8-856', 'http://fhir.de/CodeSystem/bfarm/ops') }, []],
    ['dialysis in ICD-9-CM', { code: coded('39.95', 'http://hl7.org/fhir/sid/icd-9-cm') }, ['dialysis']],
    ['dialysis by words', { code: { text: 'Hemodialysis' } }, ['dialysis']],
    ['a kidney transplant', { code: coded('70536003') }, ['kidney-transplant']],
    ['a pacemaker', { code: coded('307280005') }, ['pacemaker']],
    ['a pacemaker in CPT', { code: coded('33208', cpt) }, ['pacemaker']],
    ['a temporary pacemaker', { code: coded('33210', cpt) }, []],
    ['a lead', { code: coded('33216', cpt) }, []],
    ['access to dialysis', { code: coded('736919006') }, []],
    ['something else', { code: coded('80146002') }, []],
  ])('%s', (_name, more, groups) => {
    const { conditions } = read(more).chart;
    expect(conditions.flatMap((one) => one.groups)).toEqual(groups);
    for (const one of conditions) expect(one).toMatchObject({ procedure: true, confirmed: true });
  });

  it.each<[string, Resource, boolean | null]>([
    ['in progress', { status: 'in-progress' }, true],
    ['not done', { status: 'not-done' }, null],
    ['not done, STU3', { notDone: true }, null],
    ['not performed, DSTU2', { notPerformed: true }, null],
    ['in preparation', { status: 'preparation' }, null],
    ['in error', { status: 'entered-in-error' }, null],
    ['stopped', { status: 'stopped' }, false],
    ['of unknown status', { status: 'unknown' }, false],
    ['without a status', { status: undefined }, false],
  ])('%s', (_name, more, confirmed) => {
    expect(read(more).chart.conditions.map((one) => one.confirmed)).toEqual(
      confirmed === null ? [] : [confirmed],
    );
  });

  const day = (date: string) => Date.parse(`${date}T00:00:00Z`);
  const bare = { performedDateTime: undefined };
  const now = Date.parse('2026-01-31T12:00:00Z');
  it.each<[string, Resource, number | null]>([
    ['R4, a time', { performedDateTime: '2026-01-29' }, day('2026-01-29')],
    [
      'R4, a period',
      { ...bare, performedPeriod: { start: '2026-01-01', end: '2026-01-20' } },
      day('2026-01-20'),
    ],
    ['R5, a time', { ...bare, occurrenceDateTime: '2026-01-28' }, day('2026-01-28')],
    ['R5, a period', { ...bare, occurrencePeriod: { start: '2026-01-27' } }, day('2026-01-27')],
    ['words', { ...bare, performedString: 'last year' }, null],
    [
      'running since last year',
      { ...bare, status: 'in-progress', performedPeriod: { start: '2025-01-01' } },
      now,
    ],
    [
      'a transplant: when it was begun',
      { ...bare, code: coded('70536003'), performedPeriod: { start: '2020-03-01', end: '2020-03-02' } },
      day('2020-03-01'),
    ],
  ])('has its time from %s', (_name, more, from) => {
    expect(read(more).chart.conditions.map(({ onset }) => onset?.from ?? null)).toEqual([from]);
  });

  it('ahead is none; access is a hint for 14 days; none of ours are counted in one notice', () => {
    expect(read({ performedDateTime: '2026-03-01' }).chart.conditions).toEqual([]);
    const access = { code: coded('736919006') };
    expect(read(access).chart.conditions).toMatchObject([{ groups: [], open: ['dialysis'] }]);
    expect(read({ ...access, performedDateTime: '2025-01-01' }).chart.conditions).toEqual([]);
    expect(read({ code: { text: 'Insertion of hemodialysis catheter' } }).chart.conditions).toMatchObject([
      { groups: [] },
    ]);
    expect(noticeCodes(read({ code: coded('80146002') }))).toEqual(['resource-ignored']);
    expect(noticeCodes(read({ code: coded('787480003') }))).toEqual([]);
  });
  it.each<[string, Resource, string[] | undefined]>([
    ['CPT', { code: coded('33233', cpt) }, ['pacemaker']],
    ['CPT, leads', { code: coded('33235', cpt) }, ['pacemaker']],
    ['CPT, with a new one', { code: coded('33228', cpt) }, undefined],
    ['ICD-10-PCS', { code: coded('0JPT0PZ', 'http://hl7.org/fhir/sid/icd-10-pcs') }, ['pacemaker']],
    ['words', { code: { text: 'Removal of cardiac pacemaker' } }, ['pacemaker']],
    [
      'words, with a new one',
      { code: { text: 'Removal and replacement of pacemaker generator' } },
      undefined,
    ],
    ['not done', { status: 'not-done', code: coded('33233', cpt) }, undefined],
  ])('a pacemaker that was removed: %s', (_name, more, ends) => {
    expect(read(more).chart.conditions.find((one) => one.ends)?.ends).toEqual(ends);
  });

  it('is no ServiceRequest', () => {
    const order = { ...procedure({}), resourceType: 'ServiceRequest', status: 'active' };
    expect(readBundle([patient, order]).chart.conditions).toEqual([]);
  });
});
