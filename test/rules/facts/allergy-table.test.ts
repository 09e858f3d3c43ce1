/** Allergies as they are recorded against orders: matched, not matched, or open and said. The table is by hand. */
import { describe, expect, test } from 'vitest';
import { createContext } from '../../../rules/facts/context.ts';
import table from '../../data/allergy-table.json' with { type: 'json' };
import { at, type Resource, readAll } from '../../support/readings.ts';
import { prepareFact } from '../../support/worded.ts';

interface Row {
  name: string;
  type?: string;
  code?: Resource;
  resource?: Resource;
  hit: readonly string[];
  open?: boolean;
}

const rows = table.allergies as readonly Row[];
const orders = Object.entries(table.orders as Record<string, Resource>);
const matches = prepareFact('allergyToOrder', {});

const resourceOf = ({ type = 'AllergyIntolerance', code, resource }: Row): Resource => ({
  resourceType: type,
  id: 'a',
  patient: { reference: 'Patient/1' },
  ...(code ? { code } : {}),
  ...resource,
});

const orderOf = (medicationCodeableConcept: Resource): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'o',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept,
});

/** The list of allergies came, if only with something that concerns nobody here. */
const listed = { resourceType: 'AllergyIntolerance', id: 'z', code: { text: 'latex' } };

function answer(row: Row, concept: Resource): string {
  const { chart } = readAll([listed, resourceOf(row)], [orderOf(concept)]);
  const fact = matches(createContext(chart, at, []));
  if (fact.state !== 'known')
    return fact.missing.includes(`${resourceOf(row).resourceType}/a`) ? 'open' : 'unsaid';
  return fact.value === true ? 'hit' : 'none';
}

test('there are at least fifty allergies and twenty orders', () => {
  expect(rows.length).toBeGreaterThanOrEqual(50);
  expect(orders).toHaveLength(20);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

describe.each(rows)('$name', (row) => {
  test('matches what it must', () => {
    const rest = row.open ? 'open' : 'none';
    const expected = Object.fromEntries(
      orders.map(([name]) => [name, row.hit.includes(name) ? 'hit' : rest]),
    );
    expect(Object.fromEntries(orders.map(([name, concept]) => [name, answer(row, concept)]))).toEqual(
      expected,
    );
  });
});
