/** Links between resources of one therapy lead to the entry that they name, on its server. */
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { intakeOfBundle } from '../../../rules/intake/intake.ts';
import { at, type Resource } from '../../support/readings.ts';

const [a, b] = ['https://a/fhir', 'https://b/fhir'];
const request = (id: string | undefined, more: Resource = {}): Resource => ({
  resourceType: 'MedicationRequest',
  ...(id ? { id } : {}),
  status: 'active',
  intent: 'order',
  subject: { reference: `${a}/Patient/p` },
  medicationCodeableConcept: { text: 'digoxin' },
  ...more,
});
const linksIn = (entry: readonly Resource[]): (string[] | undefined)[] =>
  buildChart(
    intakeOfBundle({ resourceType: 'Bundle', type: 'collection', entry }, null),
    at,
  ).chart.medications.map(({ sameAs }) => sameAs);

describe('a link', () => {
  const first = { fullUrl: `${a}/MedicationRequest/1`, resource: request('1') };
  const linked = (fullUrl: string, link: Resource): Resource => ({
    fullUrl,
    resource: request('2', { status: 'draft', basedOn: [link] }),
  });
  it.each<[string, Resource, Resource, string[] | undefined]>([
    [
      'on its server',
      first,
      linked(`${a}/MedicationRequest/2`, { reference: 'MedicationRequest/1' }),
      ['MedicationRequest/1'],
    ],
    [
      'on another server',
      first,
      linked(`${b}/MedicationRequest/2`, { reference: 'MedicationRequest/1' }),
      undefined,
    ],
    [
      'by an address',
      first,
      linked(`${b}/MedicationRequest/2`, { reference: `${a}/MedicationRequest/1` }),
      ['MedicationRequest/1'],
    ],
    [
      'by a urn to an entry with an id',
      { ...first, fullUrl: 'urn:uuid:1' },
      linked('urn:uuid:2', { reference: 'urn:uuid:1' }),
      ['MedicationRequest/1'],
    ],
    [
      'by an identifier',
      { ...first, resource: request('1', { identifier: [{ system: 'urn:s', value: '7' }] }) },
      linked(`${b}/MedicationRequest/2`, { identifier: { system: 'urn:s', value: '7' } }),
      ['MedicationRequest/1'],
    ],
  ])('%s', (_name, one, other, expected) => {
    for (const entries of [
      [one, other],
      [other, one],
    ]) {
      expect(linksIn(entries).filter((links) => links !== undefined)).toEqual(expected ? [expected] : []);
    }
  });

  it('to one of two orders with an id says nothing', () => {
    const two = ['digoxin', 'furosemide'].map((text) => ({
      resource: request('1', { status: 'draft', medicationCodeableConcept: { text } }),
    }));
    const third = { resource: request('3', { basedOn: [{ reference: 'MedicationRequest/1' }] }) };
    expect(linksIn([...two, third])).toEqual([undefined, undefined, undefined]);
  });
});
