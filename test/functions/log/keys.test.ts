/** The only file that makes a key or takes one apart: what each says, and its inverse. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  accessKey,
  accessOfDecisionKey,
  accessPartition,
  accessPlace,
  accessPlaceIn,
  activeKey,
  activePartition,
  activeWriterIn,
  calendarKey,
  calendarPartition,
  cardKey,
  cardPartition,
  chainPartition,
  clientPartition,
  dayOf,
  decisionIdIn,
  decisionKey,
  displacedKey,
  eventKey,
  feedbackKey,
  feedbackPrefix,
  hookInstanceKey,
  isAt,
  isInCalendar,
  type Key,
  keyIn,
  keyItem,
  keyOf,
  leafKey,
  mayBePurged,
  monthOf,
  nameOf,
  outcomeIn,
  outcomeItemKey,
  outcomePartition,
  outcomePrefix,
  overrideKey,
  overridesPartition,
  overridesPrefix,
  patientAccessPartition,
  patientIn,
  patientKeyPartition,
  patientOfAccess,
  patientPartition,
  placeOf,
  ruleItemKey,
  rulePartition,
  rulesetKey,
  sealedUpToKey,
  sealingKey,
  sealKey,
  sealPartition,
  shardOf,
  shards,
  slotOf,
  sortable,
  tenantIn,
  tileKey,
  tilePartition,
  tokenKey,
  writerDays,
  writerIn,
  writerKeys,
  writersPartition,
} from '../../../functions/log/keys.ts';

const at = '2026-01-31T12:00:00.000Z';
const place = accessPlace(at, '0123');

describe('every key, as it lies in the table', () => {
  test.each<[string, Key, string, string]>([
    ['a decision', decisionKey('north', '0a'), 'T#north#D#0a', 'D'],
    [
      'a displaced record',
      displacedKey(decisionKey('north', '0a'), `sha256:${'f'.repeat(48)}0123456789abcdef`),
      'T#north#D#0a',
      'D~0123456789abcdef',
    ],
    ['a rule of a decision', ruleItemKey('north', '0a', 'MG-001'), 'T#north#D#0a', 'R#MG-001'],
    ['an outcome of a decision', outcomeItemKey('north', '0a', 'accepted'), 'T#north#D#0a', 'O#accepted'],
    ['an access to a decision', accessOfDecisionKey('north', '0a', place), 'T#north#D#0a', `A#${at}#0123`],
    ['a card', cardKey('north', 'c1'), 'T#north#CARD#c1', 'C'],
    ['a feedback', feedbackKey('north', 'c1', at, 'e1'), 'T#north#CARD#c1', `F#${at}#e1`],
    [
      'an override',
      overrideKey('north', 'aa', 'Practitioner/1', 'MG-001'),
      'T#north#OV#aa',
      'Practitioner/1#MG-001',
    ],
    [
      'a day of a client',
      calendarKey('north', { client: 'ehr' }, '2026-01-31'),
      'T#north#CAL#C#ehr',
      '2026-01-31',
    ],
    [
      'a month of a rule',
      calendarKey('north', { rule: 'MG-001' }, '2026-01'),
      'T#north#CAL#RULE#MG-001',
      '2026-01',
    ],
    [
      'a month of an outcome',
      calendarKey('north', { outcome: 'accepted' }, '2026-01'),
      'T#north#CAL#OUT#accepted',
      '2026-01',
    ],
    ['a client of a tenant', calendarKey('north', 'clients', 'ehr'), 'T#north#CAL#CLIENTS', 'ehr'],
    ['a day of accesses', calendarKey('north', 'accesses', '2026-01-31'), 'T#north#CAL#A', '2026-01-31'],
    ['a call of a hook', hookInstanceKey('north', 'ehr', 'i1', `${at}#0a`), 'T#north#H#ehr#i1', `${at}#0a`],
    ['an access', accessKey('north', place), 'T#north#A#2026-01-31', `${at}#0123`],
    ['an erasure or a purge', eventKey('north', at, '0123'), 'T#north#E#2026-01-31', `${at}#0123`],
    ['a seal', sealKey(7), 'SEAL#log', '0000000007'],
    ['a tile', tileKey(1, 12), 'TILE#1', '0000000012'],
    ['a leaf', leafKey('T#north#D#0a D'), 'T#north#D#0a', 'L#D'],
    ['how far a writer is sealed', sealedUpToKey('w1'), 'HEADS', 'w1'],
    ['who seals', sealingKey, 'SEALING', 'claim'],
    ['a ruleset', rulesetKey('sha256:00'), 'RULESET', 'sha256:00'],
    ['a token that was used', tokenKey('north', 'https://ehr', 'ff'), 'T#north#J#https://ehr#ff', 'J'],
  ])('%s', (_, key, pk, sk) => expect(key).toEqual({ pk, sk }));

  test.each([
    ['decisions about a patient', patientPartition('north', 'aa'), 'T#north#P#aa'],
    ['accesses about a patient', patientAccessPartition('north', 'aa'), 'T#north#PA#aa'],
    ['keys of a patient', patientKeyPartition('north', 'aa'), 'T#north#K#aa'],
    ['overrides about a patient', overridesPartition('north', 'aa'), 'T#north#OV#aa'],
    ['decisions of a client', clientPartition('north', 'ehr', '2026-01-31', 3), 'T#north#C#ehr#2026-01-31#3'],
    ['decisions of a rule', rulePartition('north', 'MG-001', '2026-01', 0), 'T#north#RULE#MG-001#2026-01#0'],
    [
      'decisions of an outcome',
      outcomePartition('north', 'accepted', '2026-01', 1),
      'T#north#OUT#accepted#2026-01#1',
    ],
    ['accesses of a day', accessPartition('north', '2026-01-31'), 'T#north#A#2026-01-31'],
    ['a card', cardPartition('north', 'c1'), 'T#north#CARD#c1'],
    ['a calendar', calendarPartition('north', 'clients'), 'T#north#CAL#CLIENTS'],
    ['a chain', chainPartition('w1'), 'W#w1'],
    ['writers of a day', writersPartition('2026-01-31'), 'WRITERS#2026-01-31'],
    ['days of writers', writerDays, 'WRITERS'],
    ['seals', sealPartition, 'SEAL#log'],
    ['tiles of a level', tilePartition(0), 'TILE#0'],
  ])('the partition of %s', (_, partition, text) => expect(partition).toBe(text));

  test('a writer announces itself on its day, and the day', () => {
    expect(writerKeys('2026-01-31', 'w1')).toEqual([
      { pk: 'WRITERS#2026-01-31', sk: 'w1' },
      { pk: 'WRITERS', sk: '2026-01-31' },
    ]);
  });
});

describe('five minutes', () => {
  test.each([
    ['2026-01-31T12:04:59.999Z', '2026-01-31T12:00'],
    ['2026-01-31T12:05:00.000Z', '2026-01-31T12:05'],
    ['2026-01-31T23:59:00.000Z', '2026-01-31T23:55'],
  ])('of %s are those from %s', (time, slot) => expect(slotOf(time)).toBe(slot));

  test('name a writer that was active in them', () => {
    const key = activeKey('2026-01-31T12:05', '0.2.0-w1');
    expect(key).toEqual({ pk: 'ACTIVE#2026-01-31', sk: '2026-01-31T12:05#0.2.0-w1' });
    expect(activeWriterIn(key)).toBe('0.2.0-w1');
    expect(key.pk).toBe(activePartition('2026-01-31'));
  });
});

describe('what is read out of a key is what went in', () => {
  test.each<[string, unknown, unknown]>([
    ['an item', keyIn(keyItem({ pk: 'a', sk: 'b' })), { pk: 'a', sk: 'b' }],
    ['an item without a key', keyIn({}), { pk: '', sk: '' }],
    ['a name', keyOf(nameOf({ pk: 'a', sk: 'b c' })), { pk: 'a', sk: 'b c' }],
    ['the outcome', outcomeIn(outcomeItemKey('north', '0a', 'overridden')), 'overridden'],
    ['the access of a decision', accessPlaceIn(accessOfDecisionKey('north', '0a', place)), place],
    ['the patient', patientIn(patientPartition('north', 'aa')), 'aa'],
    ['the patient, elsewhere', patientIn(patientAccessPartition('north', 'aa')), null],
    ['the patient of an access', patientOfAccess(patientAccessPartition('north', 'aa')), 'aa'],
    ['the patient of an access, elsewhere', patientOfAccess(''), null],
    ['the writer', writerIn(chainPartition('w1')), 'w1'],
    ['the decision', decisionIdIn(nameOf(decisionKey('north', '0a'))), '0a'],
    [
      'the decision of a displaced record',
      decisionIdIn(nameOf(displacedKey(decisionKey('north', '0a'), 'ff'))),
      '0a',
    ],
    ['the decision of a feedback', decisionIdIn(nameOf(feedbackKey('north', 'c1', at, 'e1'))), null],
    ['the tenant of a decision', tenantIn(nameOf(decisionKey('north', '0a'))), 'north'],
    ['the tenant of a feedback', tenantIn(nameOf(feedbackKey('north', 'c1', at, 'e1'))), 'north'],
    ['the tenant of an access', tenantIn(nameOf(accessKey('north', place))), 'north'],
    ['the tenant of a purge', tenantIn(nameOf(eventKey('north', at, '1'))), 'north'],
    ['the tenant of a seal', tenantIn(nameOf(sealKey(1))), ''],
  ])('%s', (_, read, expected) => expect(read).toEqual(expected));

  test('prefixes are those of their keys', () => {
    expect(feedbackKey('north', 'c1', at, 'e1').sk.startsWith(feedbackPrefix)).toBe(true);
    expect(outcomeItemKey('north', '0a', 'x').sk.startsWith(outcomePrefix)).toBe(true);
    expect(
      overrideKey('north', 'aa', 'Practitioner/1', 'R').sk.startsWith(overridesPrefix('Practitioner/1')),
    ).toBe(true);
    expect(
      overrideKey('north', 'aa', 'Practitioner/10', 'R').sk.startsWith(overridesPrefix('Practitioner/1')),
    ).toBe(false);
  });

  test('a record lies under its key, or displaced beside it', () => {
    const key = decisionKey('north', '0a');
    expect([isAt(key, key), isAt(displacedKey(key, 'ff'), key)]).toEqual([true, true]);
    expect([isAt(decisionKey('south', '0a'), key), isAt(leafKey(nameOf(key)), key)]).toEqual([false, false]);
  });

  test.each<[string, Key, boolean]>([
    ['its calendar', calendarKey('north', 'clients', 'ehr'), true],
    ['the calendar of another tenant', calendarKey('south', 'clients', 'ehr'), false],
    ['a decision', decisionKey('north', '0a'), false],
  ])('in a calendar: %s', (_, key, is) => expect(isInCalendar('north', key)).toBe(is));

  test.each<[string, Key, boolean]>([
    ['a decision', decisionKey('north', '0a'), true],
    ['a feedback', feedbackKey('north', 'c1', at, 'e1'), true],
    ['an access', accessKey('north', place), true],
    ['an erasure or a purge', eventKey('north', at, '1'), false],
    ['a decision of another tenant', decisionKey('south', '0a'), false],
    ['a decision of a tenant whose name goes on', decisionKey('north-west', '0a'), false],
  ])('may be purged: %s', (_, key, may) => expect(mayBePurged('north', key)).toBe(may));
});

describe('time and number in keys', () => {
  test('a day, a month, a place', () => {
    expect([dayOf(at), monthOf(at), placeOf({ decidedAt: at, decisionId: '0a' })]).toEqual([
      '2026-01-31',
      '2026-01',
      `${at}#0a`,
    ]);
  });

  test('numbers sort as text: 9 before 10', () => {
    expect([sortable(10), sortable(9)].sort()).toEqual([sortable(9), sortable(10)]);
  });

  test.each([
    ['0a', 0],
    ['7f', 3],
    ['f0', 3],
    ['x', 0],
  ])('an id that begins with %s is in shard %i', (id, shard) => expect(shardOf(id)).toBe(shard));

  test('each shard is used', () => {
    expect(new Set(['0', '1', '2', '3', '4', 'f'].map(shardOf))).toEqual(new Set(shards));
  });
});

test('no other file spells a key', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const keys = 'functions/log/keys.ts';
  /** What keys begin with, and the names of single partitions. */
  const spelled =
    /['"`](?:T#|W#|[A-Z]{1,4}#|WRITERS|SEAL#|TILE#|HEADS|SEALING|RULESET|CLIENTS)|#(?:D|P|PA|K|J|C|A|E|H|OV|CARD|RULE|OUT|CAL)#/;
  const wrong = ['functions', 'commands', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => file !== keys)
      .flatMap((file) => {
        const found = spelled.exec(readFileSync(join(root, file), 'utf8'));
        return found ? [`${file}: ${found[0]}`] : [];
      }),
  );
  expect(wrong).toEqual([]);
  expect(readFileSync(join(root, keys), 'utf8')).toMatch(spelled);
});
