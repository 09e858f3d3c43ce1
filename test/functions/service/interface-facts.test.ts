import { expect, test } from 'vitest';
import { createInterfaceFacts } from '../../../functions/service/interface-facts.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { decidedWith } from '../../support/ordered-tests.ts';

const ruleset = shippedRuleset();
const whole = {
  labs: [],
  active: [],
  ended: [],
  conditions: [],
  allergies: [],
  encounter: 'ambulatory' as const,
  ordered: [{ drug: 'lisinopril', route: 'oral' }],
};

test('what a client never sends is a line for the operator, at the 1st call, the 10th and the 100th', () => {
  const lines: [string, Record<string, string | number>][] = [];
  const { note } = createInterfaceFacts({ report: (event, detail) => lines.push([event, detail]) });
  const lacking = decidedWith({ ...whole, allergies: undefined });
  for (let call = 0; call < 100; call += 1) note(lacking, ruleset, 'https://ehr.example');
  const of = (lacked: number) => [
    'interface-lacks',
    { iss: 'https://ehr.example', hook: 'order-sign', category: 'allergies', lacked, calls: lacked },
  ];
  expect(lines).toEqual([of(1), of(10), of(100)]);
});

test('counts each client and hook apart, and the calls that lacked nothing', () => {
  const lines: Record<string, string | number>[] = [];
  const { note } = createInterfaceFacts({ report: (_, detail) => lines.push(detail) });
  for (let call = 0; call < 3; call += 1) note(decidedWith(whole), ruleset, 'a');
  note(decidedWith({ ...whole, labs: undefined }), ruleset, 'a');
  note(decidedWith({ ...whole, labs: undefined }), ruleset, 'b');
  expect(lines.map(({ iss, category, lacked, calls }) => [iss, category, lacked, calls])).toEqual([
    ['a', 'labs', 1, 4],
    ['a', 'measurements', 1, 4],
    ['b', 'labs', 1, 1],
    ['b', 'measurements', 1, 1],
  ]);
});

test('a Patient that never comes is such a line', () => {
  const lines: unknown[] = [];
  const { note } = createInterfaceFacts({ report: (_, detail) => lines.push(detail.category) });
  const decision = decidedWith(whole);
  note({ ...decision, chart: { ...decision.chart, patientAbsent: true } }, ruleset, 'a');
  expect(lines).toEqual(['patient']);
});

test('sums of all clients and hooks name no client', () => {
  const { note, lacked } = createInterfaceFacts({ report: () => undefined });
  expect(lacked()).toEqual({});
  for (const client of ['a', 'b', 'b'])
    note(decidedWith({ ...whole, allergies: undefined }), ruleset, client);
  note(decidedWith({ ...whole, labs: undefined }), ruleset, 'b');
  expect(lacked()).toEqual({ allergies: 3, labs: 1, measurements: 1 });
});
