/** Records of schema 2, which say reasons and evidence in words: read, answered and held to facts as they are. */
import { describe, expect, test } from 'vitest';
import { factNamedIn, recordOf, wordMissingIn, wordRecord } from '../../rules/record.ts';
import { missingIn } from '../../rules/record-head.ts';
import type { DecisionRecord } from '../../rules/record-types.ts';
import { compares, decideRules, document, holds } from '../support/rule-documents.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const asked = {
  tenant: 'local',
  client: 'local',
  service: 'patient-view',
  hook: 'patient-view',
  hookInstance: null,
  user: null,
  requestDigest: 'sha256:x',
  receivedAt: '2026-01-31T12:00:00.000Z',
};
const stored = (): DecisionRecord =>
  recordOf(
    decideRules(
      [
        document('AA-001', { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] }),
        document('AA-002', { all: [compares('lab', magnesium, 'lessThan', 1)] }, { status: 'shadow' }),
        document('AA-003', {
          all: [compares('lab', { ...magnesium, test: 'potassium', unit: 'mmol/L' }, 'lessThan', 1)],
        }),
      ],
      { conditions: ['dialysis'], labs: [{ test: 'magnesium', value: 0.9, unit: 'mg/dL', hoursAgo: 1 }] },
    ),
    asked,
    {},
  );
/** The record as version 0.1.0 wrote it. */
const older = (): DecisionRecord => ({ ...wordRecord(stored()), schema: 'epsom.decision/2' });

describe('a record of schema 2', () => {
  test('is answered word for word as it was written', () => {
    expect(JSON.stringify(wordRecord(older()))).toBe(JSON.stringify(older()));
  });
  test('reads as the same decision of schema 3 does', () => {
    const { schema: _, ...words } = wordRecord(stored());
    expect(wordRecord(older())).toMatchObject(words);
    expect(stored().inputs[0]?.evidence[0]).toMatchObject({ used: { kind: 'condition', group: 'dialysis' } });
    expect(older().inputs[0]?.evidence[0]).toMatchObject({ used: 'dialysis' });
  });
  test('says what each rule waits for, and of which fact that is', () => {
    const record = older();
    const waiting = record.evaluations.find(({ rule }) => rule === 'AA-003');
    if (!waiting) throw new Error('not evaluated');
    expect(wordMissingIn(record, waiting)).toEqual(['lab potassium within P3D']);
    expect(missingIn(record, waiting)).toEqual(['lab potassium within P3D']);
    const requests = ['potassium', 'magnesium'].map((name) => ({
      fact: 'lab' as const,
      params: { test: name, unit: 'mmol/L', within: 'P3D' },
    }));
    expect(factNamedIn('lab potassium within P3D (no laboratory data came)', requests)).toBe(requests[0]);
    expect(factNamedIn('lab magnesium within P3D', requests)).toBe(requests[1]);
    expect(factNamedIn('lab magnesium within P30D', requests)).toBeUndefined();
  });
});
