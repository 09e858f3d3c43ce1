import { describe, expect, it } from 'vitest';
import { proceduresOf } from '../../../rules/terminology/condition-codes.ts';
import { conditionGroupsOf } from '../../../rules/terminology/conditions.ts';
import lists from '../../data/condition-group-codes.json' with { type: 'json' };

/** The catalogue's lists, codes only, by group and list: `snomed.history`, `icd9cm.only`, `procedures.cpt.session`. */
const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = lists;

const systems: Readonly<Record<string, string>> = {
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10who: 'http://hl7.org/fhir/sid/icd-10',
  icd9cm: 'http://hl7.org/fhir/sid/icd-9-cm',
  snomed: 'http://snomed.info/sct',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  icd10pcs: 'http://www.cms.gov/Medicare/Coding/ICD10',
};

/** Lists that say less than that it is so: where a code of them must be found. */
const member = 'groups' as const;
const standing: Readonly<Record<string, 'groups' | 'past' | 'open'>> = {
  history: 'past',
  remission: 'past',
  hints: 'open',
  exacerbation: 'open',
};

const rows = Object.entries(groups).flatMap(([group, of]) =>
  Object.entries(of).map(([list, codes]) => ({ group, list, codes: codes.split(' ') })),
);

describe('the codes of the catalogue', () => {
  it('are all there: 64 groups, 3,480 memberships of SNOMED CT', () => {
    expect(Object.keys(groups)).toHaveLength(64);
    const members = rows.filter(({ list }) => list === 'snomed').flatMap(({ codes }) => codes);
    expect([members.length, new Set(members).size]).toEqual([3480, 3319]);
  });

  it.each(rows.filter(({ list }) => !list.startsWith('procedures')))(
    '$group, $list: each in its group',
    ({ group, list, codes }) => {
      const [system = '', kind = ''] = list.split('.');
      const wanted = list === 'snomed.flutter' ? 'atrial-flutter' : group;
      const lost = codes.filter((code) => {
        const reading = conditionGroupsOf([{ system: systems[system], code }], undefined);
        // A hint of one list may be a member by another: Z49.3 of Z49.
        return ![...reading[standing[kind] ?? member], ...reading.groups].includes(wanted);
      });
      // `O` alone is no code.
      expect(lost.filter((code) => code !== 'O')).toEqual([]);
    },
  );

  it.each(rows.filter(({ list }) => list.startsWith('procedures')))(
    '$group, $list: each a procedure of its group',
    ({ group, list, codes }) => {
      const [, system = '', kind] = list.split('.');
      const lost = codes.filter(
        (code) =>
          !proceduresOf([{ system: systems[system], code }]).some(
            (one) => one.group === group && one.kind === kind,
          ),
      );
      expect(lost).toEqual([]);
    },
  );
});

describe('the address of a code system', () => {
  const codes: Readonly<Record<string, string>> = { snomed: '91637004', icd9: '358.00', icd10: 'G70.0' };
  it.each([
    ['snomed', 'http://snomed.info/sct/731000124108'],
    ['snomed', 'http://snomed.info/sct/731000124108/version/20240301'],
    ['snomed', 'https://snomed.info/sct/'],
    ['snomed', 'http://snomed.info/sct|http://snomed.info/sct/900000000000207008'],
    ['snomed', 'urn:oid:2.16.840.1.113883.6.96'],
    ['snomed', '2.16.840.1.113883.6.96'],
    ['icd9', 'http://hl7.org/fhir/sid/icd-9-cm'],
    ['icd9', 'https://hl7.org/fhir/sid/icd-9-cm/'],
    ['icd9', 'http://hl7.org/fhir/sid/icd-9-cm|2013'],
    ['icd9', 'urn:oid:2.16.840.1.113883.6.103'],
    ['icd10', 'http://hl7.org/fhir/sid/icd-10-cm/2024'],
    ['icd10', 'http://hl7.org/fhir/sid/icd-10-am'],
    ['icd10', 'http://hl7.org/fhir/sid/icd-10-ca'],
    ['icd10', 'http://fhir.de/CodeSystem/bfarm/icd-10-gm'],
    ['icd10', 'http://fhir.de/CodeSystem/bfarm/icd-10-gm|2024'],
    ['icd10', 'https://fhir.de/CodeSystem/dimdi/icd-10-gm'],
    ['icd10', 'urn:oid:2.16.840.1.113883.6.135'],
    ['icd10', 'http://fhir.ch/CodeSystem/icd-10-gm'],
    ['icd10', 'http://id.who.int/icd/release/10/2019'],
    ['icd10', 'http://id.who.int/icd/release/10/2019/en'],
    ['icd10', 'urn:oid:1.2.276.0.76.5.409'],
    ['icd10', '1.2.276.0.76.5.487'],
    ['icd9', 'urn:oid:2.16.840.1.113883.6.42'],
    ['icd10', 'ICD-10-CM'],
    ['icd10', 'I10C'],
    ['icd10', 'ICD-10'],
    ['icd10', 'ICD10GM'],
    ['icd9', 'ICD-9-CM'],
    ['snomed', 'SNOMED-CT'],
    ['snomed', 'SNOMED CT'],
    ['snomed', 'SCT'],
  ])('%s under %s', (system, address) => {
    const coding = { system: address, code: codes[system] };
    expect(conditionGroupsOf([coding], undefined).groups).toEqual(['myasthenia-gravis']);
  });

  it.each([
    'http://snomed.info/sctx',
    'http://hl7.org/fhir/sid/icd-10-pcs',
    'http://example.org/icd-10',
    'urn:oid:2.16.840.1.113883.6.96.1',
    'urn:oid:1.2.276.0.76.5',
    'ICD-11',
    'constructor',
  ])('none of them: %s', (system) => {
    for (const code of Object.values(codes)) {
      expect(conditionGroupsOf([{ system, code }], undefined).groups).toEqual([]);
    }
  });

  it.each([
    ['35800', ['myasthenia-gravis']],
    ['358.0', ['myasthenia-gravis']],
    ['V4511', ['dialysis']],
    ['642.41', ['pregnancy', 'preeclampsia']],
    ['642.44', ['preeclampsia']],
    ['585', ['ckd-any', 'ckd-unspecified']],
    ['250.43', ['diabetes', 'diabetic-nephropathy']],
  ])('ICD-9-CM %s', (code, expected) => {
    const { groups: found } = conditionGroupsOf([{ system: systems.icd9cm, code }], undefined);
    expect(found.toSorted()).toEqual([...expected].toSorted());
  });

  it.each([
    ['G70.0 G', 'groups'],
    ['G70.0V', 'open'],
    ['G70.0 Z', 'past'],
    ['G70.0A', null],
  ])('a German coding says how sure it is: %s', (code, where) => {
    const system = 'http://fhir.de/CodeSystem/bfarm/icd-10-gm';
    const { groups: is, open, past } = conditionGroupsOf([{ system, code }], undefined);
    expect({ groups: is, open, past }).toEqual({
      groups: [],
      open: [],
      past: [],
      ...(where ? { [where]: ['myasthenia-gravis'] } : {}),
    });
    const url = 'http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit';
    const extension = [{ url, valueCoding: { code: code.slice(-1) } }];
    expect(conditionGroupsOf([{ system, code: 'G70.0', extension }], undefined)).toMatchObject({
      groups: is,
      open,
      past,
    });
  });

  it.each([
    // WHO's I12.0 says renal failure, without a stage; ICD-10-CM's says stage 5 or end-stage disease.
    ['http://hl7.org/fhir/sid/icd-10', 'I12.0', ['hypertension', 'renal-failure-unspecified'], []],
    [
      'http://fhir.de/CodeSystem/bfarm/icd-10-gm',
      'I12.00',
      ['hypertension', 'renal-failure-unspecified'],
      [],
    ],
    [
      'http://hl7.org/fhir/sid/icd-10-cm',
      'I12.0',
      ['ckd-any', 'esrd-or-stage-5-hypertensive', 'hypertension'],
      [],
    ],
    ['http://hl7.org/fhir/sid/icd-10', 'N18.0', ['ckd-any'], ['ckd-stage-5', 'esrd']],
  ])('%s %s says %s', (system, code, expected, maybe) => {
    const { groups: found, open } = conditionGroupsOf([{ system, code }], undefined);
    expect([found.toSorted(), open.toSorted()]).toEqual([expected, maybe]);
  });

  it('a number that JSON cannot hold is no code', () => {
    const coding = { system: systems.snomed, code: Number('10676271000119104') };
    expect(conditionGroupsOf([coding], undefined).by).toBe('nothing');
  });
});
