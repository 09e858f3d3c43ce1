/** What is kept in mind of servers: for a time, and not without end. */
import { expect, test } from 'vitest';
import { readCapability } from '../../../functions/outbound/capability.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';

const hour = 3_600_000;
const base = new URL('https://fhir.example.org/r4');
const capability = readCapability({
  resourceType: 'CapabilityStatement',
  rest: [{ mode: 'server', resource: [{ type: 'Patient' }] }],
});

test('a refusal is believed for a day', () => {
  let time = 0;
  const known = createServerMemory(() => time).of(base);
  known.learn('Observation', ['_sort=-date']);
  time = 24 * hour - 1;
  expect(known.takes('Observation', '_sort=-date')).toBe(false);
  time += 1;
  expect(known.takes('Observation', '_sort=-date')).toBe(true);
});

test('each refusal is believed for its own time, that of a token for less', () => {
  let time = 0;
  const known = createServerMemory(() => time).of(base);
  known.learn('MedicationRequest', ['_id='], hour);
  known.learn('MedicationRequest', ['_sort=-date']);
  time = hour;
  expect([
    known.takes('MedicationRequest', '_id=1'),
    known.takes('MedicationRequest', '_sort=-date'),
  ]).toEqual([true, false]);
});

test('a search that is refused in every form is known for a day, and no more than fifty', () => {
  let time = 0;
  const known = createServerMemory(() => time).of(base);
  known.learnRefused('Procedure?patient=', 422);
  expect([known.refusedStatus('Procedure?patient='), known.refusedStatus('Basic?patient=')]).toEqual([
    422,
    null,
  ]);
  time = 24 * hour;
  expect(known.refusedStatus('Procedure?patient=')).toBeNull();
  for (let index = 0; index < 51; index += 1) known.learnRefused(`T${index}?`, 400);
  expect([known.refusedStatus('T0?'), known.refusedStatus('T1?')]).toEqual([null, 400]);
});

test('a status and an order are refused by their values, a date and a count whatever they say', () => {
  const known = createServerMemory().of(base);
  known.learn('MedicationRequest', [
    'status=on-hold',
    '_sort=-authoredon',
    '_count=100',
    'date=ge2020-01-01',
  ]);
  expect(known.takes('MedicationRequest', 'status=active')).toBe(true);
  expect(known.takes('MedicationRequest', '_sort=-_lastUpdated')).toBe(true);
  expect(known.takes('MedicationRequest', '_count=200')).toBe(false);
  expect(known.takes('MedicationRequest', 'date=ge2023-01-01')).toBe(false);
});

test('what is learnt later is added to what was', () => {
  const known = createServerMemory().of(base);
  known.learn('Observation', ['_sort=-date']);
  known.learn('Observation', ['_count=200']);
  expect([known.takes('Observation', '_sort=-date'), known.takes('Observation', '_count=1')]).toEqual([
    false,
    false,
  ]);
});

test('a statement is asked for again after 6 hours, one that could not be read after 10 minutes; until then it stays', () => {
  let time = 0;
  const known = createServerMemory(() => time).of(base);
  expect([known.beginsCapability(), known.beginsCapability()]).toEqual([true, false]);
  known.keepCapability(capability);
  time = 6 * hour - 1;
  expect(known.beginsCapability()).toBe(false);
  time += 1;
  expect([known.beginsCapability(), known.capability()]).toEqual([true, capability]);
  known.keepCapability(null);
  expect([known.capability(), known.beginsCapability()]).toEqual([null, false]);
  time += hour / 6;
  expect(known.beginsCapability()).toBe(true);
});

test('each server has its own, and of more than 200 the one that was asked longest ago is forgotten', () => {
  const memory = createServerMemory();
  memory.of(base).learn('Observation', ['_sort=-date']);
  for (let index = 0; index < 199; index += 1) memory.of(new URL(`https://s${index}.example/r4`));
  expect(memory.of(base).takes('Observation', '_sort=-date')).toBe(false);
  for (let index = 0; index < 200; index += 1) memory.of(new URL(`https://t${index}.example/r4`));
  expect(memory.of(base).takes('Observation', '_sort=-date')).toBe(true);
});

test('a line for the operator is said once for each server', () => {
  const memory = createServerMemory();
  expect([memory.of(base).isFirst('x'), memory.of(base).isFirst('x')]).toEqual([true, false]);
  expect(memory.of(new URL('https://other.example/')).isFirst('x')).toBe(true);
});
