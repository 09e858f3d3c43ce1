/**
 * What somebody may do who can write the table, as cases: each is one change, and what the verifier must name. Every
 * attribute of every kind of item: tampering-attributes.test.ts.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compressJson, decompressJson } from '../../../../functions/log/compression.ts';
import type { Fault } from '../../../../functions/log/faults.ts';
import { writerNotes } from '../../../../functions/log/insert.ts';
import { B, type Item, N, S } from '../../../../functions/log/items.ts';
import {
  answeredKey,
  calendarKey,
  cardKey,
  chainPartition,
  decisionKey,
  eventKey,
  feedbackKey,
  hookInstanceKey,
  type ItemKind,
  joinedKey,
  type Key,
  keyIn,
  keyItem,
  kindOf,
  leafKey,
  markKey,
  nameOf,
  outcomeItemKey,
  patientPartition,
  placeOf,
  projectedKey,
  ruleItemKey,
  sealedUpToKey,
  sealingKey,
  sealKey,
  slotOf,
  tileKey,
} from '../../../../functions/log/keys.ts';
import { rulesetItem } from '../../../../functions/log/rulesets.ts';
import { digestOfParts } from '../../../../rules/evaluation/ruleset-digest.ts';
import { shippedRuleset } from '../../../../rules/library/shipped.ts';
import { chain } from '../../../../rules/record.ts';
import { createFullLog, type FullLog } from '../../../support/full-log.ts';

/** Kept under its digest by a version with other drugs; its rules are not those that the digest is of. */
const { documents, ...shipped } = shippedRuleset();
const parts = { ...shipped.parts, drugs: 'sha256:other' };
const anotherVersion = await rulesetItem({
  ...shipped,
  documents: documents.slice(1),
  parts,
  digest: digestOfParts(parts),
});

let it: FullLog;
beforeAll(async () => {
  it = await createFullLog();
}, 60_000);
afterEach(() => it.restore());
afterAll(() => it.close());

const tenant = 'hospital';
const find = (isWanted: (item: Item, key: Key) => boolean): Item => {
  const item = it.untouched.find((one) => isWanted(one, keyIn(one)));
  if (!item) throw new Error('the log has no such item');
  return item;
};
const at = (key: Key): Item => find((_, { pk, sk }) => pk === key.pk && sk === key.sk);
const ofKind = (kind: ItemKind, text = ''): Item =>
  find((item, key) => kindOf(key) === kind && JSON.stringify(item).includes(text));
const decision = (id: string): Item => at(decisionKey(tenant, id));
const readIn = async (item: Item): Promise<Record<string, unknown>> =>
  (await decompressJson(item.record?.B ?? new Uint8Array())) as Record<string, unknown>;
const remove = (key: Key) => it.remove(key);
const change = (item: Item, attributes: Item) => it.put({ ...item, ...attributes });
const without = (item: Item, ...names: string[]) =>
  it.put(Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name))));
const cardOf = async (id: string): Promise<string> => {
  const { cardIds } = await readIn(decision(id));
  return String((cardIds as string[])[0]);
};
const writerOf = (id: string): string => decision(id).gsi3pk?.S?.slice('W#'.length) ?? '';
const iso = (time: number): string => new Date(time).toISOString();

/** A record that an attacker chains by the rules, as the first of a writer of its own. */
async function forge(record: object, key: Key, time: string, attributes: Item = {}): Promise<void> {
  const forged = chain(record, 'forged', 1, null);
  await it.put({
    ...keyItem(key),
    gsi3pk: S(chainPartition('forged')),
    gsi3sk: N(1),
    record: B(await compressJson(forged)),
    hash: S(forged.hash),
    at: S(time),
    ...attributes,
  });
}
const forgePurge = (before: string, time = iso(it.clock.now)) =>
  forge(
    { schema: 'epsom.purge/1', tenant, client: 'x', before, at: time },
    eventKey(tenant, time, 'x'),
    time,
  );
const forgeErasure = (keys: string[]) => {
  const time = iso(it.clock.now);
  const record = { schema: 'epsom.erasure/1', tenant, client: 'x', keys, decisions: 1, at: time };
  return forge(record, eventKey(tenant, time, 'x'), time);
};
const forgeFeedback = (time: string) => {
  const event = { tenant, card: 'c', outcome: 'accepted', outcomeTimestamp: time, receivedAt: time };
  return forge({ schema: 'epsom.feedback/1', ...event }, feedbackKey(tenant, 'c', time, 'e'), time);
};
/** The record as an attacker writes it who knows how the hash is made. */
async function rewrite(id: string, changes: object): Promise<void> {
  const item = decision(id);
  const { hash: _, writer, seq, prevHash, ...record } = await readIn(item);
  const forged = chain(
    { ...record, ...changes },
    String(writer),
    Number(seq),
    prevHash === null ? null : String(prevHash),
  );
  await change(item, { record: B(await compressJson(forged)), hash: S(forged.hash) });
}
async function editManifest(edit: (entries: { at: string; name: string }[]) => unknown): Promise<void> {
  const tile = at(tileKey(0, 0));
  const entries = (await decompressJson(tile.tile?.B ?? new Uint8Array())) as { at: string; name: string }[];
  edit(entries);
  await change(tile, { tile: B(await compressJson(entries)) });
}

type Case = [what: string, tamper: () => Promise<unknown>, fault: Fault, id: () => string | Promise<string>];
const kept = () => it.ids.kept;

const cases: Record<string, Case[]> = {
  'a decision': [
    ['is deleted', () => remove(decisionKey(tenant, kept())), 'record-missing', kept],
    [
      'is deleted with all that lies beside it',
      async () => {
        for (const item of it.untouched)
          if (keyIn(item).pk === decisionKey(tenant, kept()).pk) await remove(keyIn(item));
      },
      'record-missing',
      kept,
    ],
    [
      'has another user, hash made again',
      () => rewrite(kept(), { user: 'Practitioner/2' }),
      'record-altered',
      kept,
    ],
    ['has no findings, hash made again', () => rewrite(kept(), { findings: [] }), 'record-altered', kept],
    [
      'has another time, hash made again',
      () => rewrite(kept(), { decidedAt: '2020-01-01T00:00:00.000Z' }),
      'record-altered',
      kept,
    ],
    [
      'has the clinical part of another',
      () => change(decision(kept()), { clinical: decision(it.ids.other).clinical ?? S('') }),
      'record-altered',
      kept,
    ],
    ['has lost its clinical part', () => without(decision(kept()), 'clinical'), 'record-altered', kept],
    [
      'changes places with another',
      async () => {
        await it.put({ ...decision(kept()), ...keyItem(decisionKey(tenant, it.ids.other)) });
        await it.put({ ...decision(it.ids.other), ...keyItem(decisionKey(tenant, kept())) });
      },
      'record-altered',
      kept,
    ],
    [
      'is copied to another tenant',
      () => it.put({ ...decision(kept()), ...keyItem(decisionKey('clinic', kept())) }),
      'record-extra',
      kept,
    ],
    [
      'is copied under a new id',
      () => it.put({ ...decision(kept()), ...keyItem(decisionKey(tenant, 'f'.repeat(32))) }),
      'record-extra',
      () => 'f'.repeat(32),
    ],
    [
      'is moved to another patient',
      () => change(decision(kept()), { gsi1pk: S(patientPartition(tenant, 'other')) }),
      'record-altered',
      kept,
    ],
    [
      'is moved to another patient, with a salt',
      () => change(decision(kept()), { gsi1pk: S(patientPartition(tenant, 'other')), salt: S('00') }),
      'record-altered',
      kept,
    ],
    [
      "is taken out of the patients' index",
      () => without(decision(kept()), 'gsi1pk', 'gsi1sk', 'salt'),
      'record-altered',
      kept,
    ],
    ['is hidden from the chain', () => without(decision(kept()), 'gsi3pk'), 'record-altered', kept],
    ['gets a retention date', () => change(decision(kept()), { expiresAt: N(1) }), 'record-altered', kept],
    [
      'gets a note that it was spilled before it was made',
      () => change(decision(kept()), { spilledAt: S('2020-01-01T00:00:00.000Z') }),
      'record-altered',
      kept,
    ],
    [
      'of an erased patient is in the index again',
      () => change(decision(it.ids.erased), { gsi1pk: S('T#hospital#P#x'), gsi1sk: S('x') }),
      'record-altered',
      () => it.ids.erased,
    ],
    [
      'that was purged is there again',
      async () => {
        await it.put({ ...decision(kept()), ...keyItem(decisionKey(tenant, it.ids.purged)) });
      },
      'purge-unfinished',
      () => it.ids.purged,
    ],
  ],
  'a forged record': [
    [
      'of a time long ago',
      () => forgeFeedback('2020-01-01T00:00:00.000Z'),
      'record-unsealed',
      () => nameOf(feedbackKey(tenant, 'c', '2020-01-01T00:00:00.000Z', 'e')),
    ],
    [
      'of a time to come',
      () => forgeFeedback('2099-01-01T00:00:00.000Z'),
      'record-time',
      () => nameOf(feedbackKey(tenant, 'c', '2099-01-01T00:00:00.000Z', 'e')),
    ],
    [
      'backdated, chained, announced and sealed by the sealer',
      async () => {
        const time = '2030-01-01T00:00:00.000Z';
        await forge(
          { schema: 'epsom.purge/1', tenant, client: 'x', before: '2020-01-01', at: time },
          eventKey(tenant, time, 'x'),
          time,
        );
        for (const note of writerNotes(slotOf(iso(it.clock.now)), 'forged')) await it.put(note);
        await it.sealer.seal();
      },
      'record-time',
      () => nameOf(eventKey(tenant, '2030-01-01T00:00:00.000Z', 'x')),
    ],
    [
      'by a writer that nobody announced',
      () => forgePurge('2020-01-01T00:00:00.000Z'),
      'writer-missing',
      () => nameOf(eventKey(tenant, iso(it.clock.now), 'x')),
    ],
  ],
  'a purge or an erasure': [
    [
      'that is forged explains no deleted decision',
      async () => {
        await remove(decisionKey(tenant, kept()));
        await forgePurge('2099-01-01T00:00:00.000Z');
      },
      'record-missing',
      kept,
    ],
    [
      'that is sealed and reaches into the retention is refused',
      async () => {
        await forgePurge('2099-01-01T00:00:00.000Z');
        for (const note of writerNotes(slotOf(iso(it.clock.now)), 'forged')) await it.put(note);
        await it.sealer.seal();
      },
      'purge-refused',
      () => nameOf(eventKey(tenant, iso(it.clock.now), 'x')),
    ],
    [
      'explains nothing that came after it, though the list of leaves says it is older',
      async () => {
        await remove(decisionKey(tenant, kept()));
        await editManifest((entries) => {
          for (const entry of entries) if (entry.name.includes(kept())) entry.at = '2026-01-31T12:00:00.000Z';
        });
      },
      'record-time',
      kept,
    ],
    [
      'that removed a decision is deleted',
      async () => {
        for (const item of it.untouched) if (keyIn(item).pk.includes('#E#')) await remove(keyIn(item));
      },
      'record-missing',
      () => it.ids.purged,
    ],
    [
      'that is forged explains no destroyed key',
      async () => {
        const { clinical } = (await readIn(decision(kept()))) as { clinical: { key: string } };
        await remove(keyIn(find((_, key) => kindOf(key) === 'patient key' && key.sk === clinical.key)));
        await forgeErasure([clinical.key]);
      },
      'key-missing',
      kept,
    ],
  ],
  'a key of a patient': [
    ['is deleted', () => remove(keyIn(ofKind('patient key'))), 'key-missing', kept],
    [
      'is replaced',
      () => change(ofKind('patient key'), { key: B(new Uint8Array(60)) }),
      'key-altered',
      () => nameOf(keyIn(ofKind('patient key'))),
    ],
    [
      'is moved to another patient',
      async () => {
        const item = ofKind('patient key');
        await remove(keyIn(item));
        await it.put({ ...item, pk: S('T#hospital#K#other') });
      },
      'key-missing',
      kept,
    ],
    [
      'that an erasure destroyed is there again',
      async () => {
        const { clinical } = (await readIn(decision(it.ids.erased))) as { clinical: { key: string } };
        await it.put({ ...ofKind('patient key'), sk: S(clinical.key) });
      },
      'key-returned',
      async () => {
        const { clinical } = (await readIn(decision(it.ids.erased))) as { clinical: { key: string } };
        return nameOf({ pk: keyIn(ofKind('patient key')).pk, sk: clinical.key });
      },
    ],
  ],
  'what lists and joined feedback rest on': [
    [
      'the item of a rule is deleted',
      () => remove(ruleItemKey(tenant, kept(), 'IV-001')),
      'item-missing',
      kept,
    ],
    [
      'the item of a rule has another indicator',
      () => change(at(ruleItemKey(tenant, kept(), 'IV-001')), { indicator: S('info') }),
      'item-altered',
      kept,
    ],
    [
      'the item of a rule lies in another month',
      () =>
        change(at(ruleItemKey(tenant, kept(), 'IV-001')), { gsi2pk: S('T#hospital#RULE#IV-001#2020-01#0') }),
      'item-altered',
      kept,
    ],
    [
      'an item of a rule that did not fire is added',
      () =>
        it.put({
          ...at(ruleItemKey(tenant, kept(), 'IV-001')),
          ...keyItem(ruleItemKey(tenant, kept(), 'MG-001')),
        }),
      'item-extra',
      kept,
    ],
    [
      'the item of an outcome is deleted',
      () => remove(outcomeItemKey(tenant, kept(), 'overridden')),
      'item-missing',
      kept,
    ],
    [
      'an outcome is added',
      () =>
        it.put({
          ...at(outcomeItemKey(tenant, kept(), 'overridden')),
          ...keyItem(outcomeItemKey(tenant, kept(), 'accepted')),
        }),
      'item-extra',
      kept,
    ],
    [
      'a card points at another decision',
      async () => change(at(cardKey(tenant, await cardOf(kept()))), { decisionId: S(it.ids.other) }),
      'item-extra',
      () => it.ids.other,
    ],
    ['a card is deleted', async () => remove(cardKey(tenant, await cardOf(kept()))), 'item-missing', kept],
    [
      'a call of a hook is deleted',
      async () => {
        const { client, hookInstance } = await readIn(decision(kept()));
        const place = placeOf({ decidedAt: decision(kept()).at?.S ?? '', decisionId: kept() });
        await remove(hookInstanceKey(tenant, String(client), String(hookInstance), place));
      },
      'item-missing',
      kept,
    ],
    [
      'the claim that joins feedback is deleted',
      () => remove(keyIn(ofKind('joined claim'))),
      'item-missing',
      kept,
    ],
    [
      'the claim that joins feedback is of another record',
      () => change(ofKind('joined claim'), { seq: N(99) }),
      'item-altered',
      () => {
        const key = keyIn(ofKind('joined claim'));
        return nameOf({ pk: key.pk, sk: key.sk.slice(2) });
      },
    ],
    [
      'that a card is answered is deleted',
      async () => remove(answeredKey(tenant, await cardOf(kept()))),
      'item-missing',
      kept,
    ],
    [
      'a claim of feedback that is not there is added',
      async () => {
        const key = joinedKey(tenant, await cardOf(kept()), 'F#x');
        await it.put({ ...ofKind('joined claim'), ...keyItem(key) });
      },
      'item-extra',
      async () => nameOf({ pk: cardKey(tenant, await cardOf(kept())).pk, sk: 'F#x' }),
    ],
    ['an override is deleted', () => remove(keyIn(ofKind('override'))), 'item-missing', kept],
    [
      'an override has another reason',
      () => change(ofKind('override'), { reason: S('other') }),
      'item-altered',
      kept,
    ],
    [
      'a look at a decision is deleted beside it',
      () => remove(keyIn(ofKind('access item'))),
      'item-missing',
      () =>
        nameOf(
          keyIn(
            find(
              (item, key) => kindOf(key) === 'record' && key.pk.includes('#A#') && item.gsi1pk !== undefined,
            ),
          ),
        ),
    ],
    [
      'a day of a client is deleted',
      () => remove(calendarKey(tenant, { client: 'ehr' }, decision(kept()).at?.S?.slice(0, 10) ?? '')),
      'item-missing',
      kept,
    ],
    [
      'a month of a rule is added',
      () => it.put(keyItem(calendarKey(tenant, { rule: 'MG-001' }, '2033-01'))),
      'item-extra',
      () => nameOf(calendarKey(tenant, { rule: 'MG-001' }, '2033-01')),
    ],
  ],
  'counts and marks': [
    [
      'counts are edited',
      async () => {
        const item = ofKind('counts', '2033');
        const counts = (await decompressJson(item.counts?.B ?? new Uint8Array())) as { refused: object };
        await change(item, { counts: B(await compressJson({ ...counts, refused: {} })) });
      },
      'item-altered',
      () => nameOf(keyIn(ofKind('counts', '2033'))),
    ],
    [
      'counts say that they are true further',
      () => change(ofKind('counts', '2033'), { upTo: N(1000) }),
      'item-altered',
      () => nameOf(keyIn(ofKind('counts', '2033'))),
    ],
    [
      'counts are deleted',
      () => remove(keyIn(ofKind('counts', '2033'))),
      'item-altered',
      () => nameOf(keyIn(ofKind('counts', '2033'))),
    ],
    [
      'counts of another writer are added',
      () => it.put({ ...ofKind('counts', '2033'), sk: S('another') }),
      'item-extra',
      () => nameOf({ pk: keyIn(ofKind('counts', '2033')).pk, sk: 'another' }),
    ],
    ['a mark is set back', () => change(at(markKey(writerOf(kept()))), { seq: N(1) }), 'not-projected', kept],
    ['a mark is deleted', () => remove(markKey(writerOf(kept()))), 'not-projected', kept],
    [
      'a mark is past the end',
      () => change(at(markKey(writerOf(kept()))), { seq: N(1000) }),
      'item-altered',
      () => nameOf(markKey(writerOf(kept()))),
    ],
    [
      'all was projected in the future',
      () => change(at(projectedKey), { at: S('2099-01-01T00:00:00.000Z') }),
      'item-altered',
      () => nameOf(projectedKey),
    ],
    [
      'a writer is not announced any more',
      async () => {
        for (const note of writerNotes('2033-01-30', writerOf(kept()))) await remove(keyIn(note));
        for (const note of writerNotes('2033-01-31', writerOf(kept()))) await remove(keyIn(note));
      },
      'writer-missing',
      () => it.ids.refused,
    ],
  ],
  'seals and their notes': [
    [
      'the last seal is deleted',
      () => remove(sealKey(it.published.length)),
      'seal-missing',
      () => `seal ${it.published.length}`,
    ],
    ['a seal in the middle is deleted', () => remove(sealKey(2)), 'seal-missing', () => 'seal 3'],
    [
      'a seal cannot be read',
      () => change(at(sealKey(2)), { seal: B(new Uint8Array([1])) }),
      'seal-altered',
      () => 'seal 2',
    ],
    [
      'the hash beside a seal is another',
      () => change(at(sealKey(2)), { hash: S('sha256:0') }),
      'seal-altered',
      () => 'seal 2',
    ],
    [
      'the leaves cannot be read',
      () => change(at(tileKey(0, 0)), { tile: B(new Uint8Array([1])) }),
      'tile-altered',
      () => nameOf(tileKey(0, 0)),
    ],
    ['the leaves are deleted', () => remove(tileKey(0, 0)), 'seal-root', () => 'seal 1'],
    [
      'a leaf has another name',
      () =>
        editManifest((entries) => {
          for (const entry of entries)
            if (entry.name.includes(kept())) entry.name = entry.name.replace(kept(), 'f'.repeat(32));
        }),
      'record-missing',
      () => 'f'.repeat(32),
    ],
    [
      'a leaf has another time',
      () =>
        editManifest((entries) => {
          for (const entry of entries)
            if (entry.name.includes(kept())) entry.at = iso(Date.parse(entry.at) + 1);
        }),
      'tile-altered',
      kept,
    ],
    [
      'two leaves change places',
      () => editManifest((entries) => entries.reverse()),
      'seal-root',
      () => 'seal 1',
    ],
    [
      'the note of a leaf is deleted',
      () => remove(leafKey(nameOf(decisionKey(tenant, kept())))),
      'item-missing',
      kept,
    ],
    [
      'the note of a leaf is of another',
      () => change(at(leafKey(nameOf(decisionKey(tenant, kept())))), { leaf: N(0) }),
      'item-altered',
      kept,
    ],
    [
      'the note of how far a writer is sealed is set back',
      () => change(at(sealedUpToKey(writerOf(kept()))), { seq: N(0) }),
      'item-altered',
      () => nameOf(sealedUpToKey(writerOf(kept()))),
    ],
    [
      'the note of how far a writer is sealed is deleted',
      () => remove(sealedUpToKey(writerOf(kept()))),
      'item-missing',
      () => writerOf(kept()),
    ],
    [
      'a claim keeps every sealer out until the year 3000',
      () => change(at(sealingKey), { until: N(Date.parse('3000-01-01')) }),
      'claim-altered',
      () => nameOf(sealingKey),
    ],
  ],
  'the rest': [
    ['a ruleset is deleted', () => remove(keyIn(ofKind('ruleset'))), 'ruleset-missing', kept],
    [
      'a ruleset has lost a rule',
      async () => {
        const item = ofKind('ruleset');
        const rules = (await decompressJson(item.rules?.B ?? new Uint8Array())) as unknown[];
        await change(item, { rules: B(await compressJson(rules.slice(1))) });
      },
      'ruleset-altered',
      () => nameOf(keyIn(ofKind('ruleset'))),
    ],
    [
      'a ruleset of another version has another rule',
      () => it.put(anotherVersion),
      'ruleset-altered',
      () => nameOf(keyIn(anotherVersion)),
    ],
    [
      'an item of an unknown kind is added',
      () => it.put(keyItem({ pk: 'X', sk: 'Y' })),
      'item-extra',
      () => 'X Y',
    ],
    [
      'an item is added beside a decision',
      () => it.put(keyItem({ pk: decisionKey(tenant, kept()).pk, sk: 'Z' })),
      'item-extra',
      kept,
    ],
    [
      'feedback is deleted',
      () => remove(keyIn(find((_, { sk }) => sk.startsWith('F#')))),
      'record-missing',
      () => nameOf(keyIn(find((_, { sk }) => sk.startsWith('F#')))),
    ],
    [
      'a look that named a patient is taken out of the index',
      () => {
        const look = find(
          (item, key) => kindOf(key) === 'record' && key.pk.includes('#A#') && item.gsi1pk !== undefined,
        );
        return without(look, 'gsi1pk', 'gsi1sk', 'salt');
      },
      'record-altered',
      () =>
        nameOf(
          keyIn(
            find(
              (item, key) => kindOf(key) === 'record' && key.pk.includes('#A#') && item.gsi1pk !== undefined,
            ),
          ),
        ),
    ],
  ],
};

describe.each(Object.entries(cases))('%s', (_, list) => {
  test.each(list)('%s', async (__, tamper, fault, id) => {
    const expected = `${fault} ${await id()}`;
    await tamper();
    expect(await it.faults()).toContain(expected);
  });
});
