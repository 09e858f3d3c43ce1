/** One table of drugs with a renal limit: in acute kidney injury each of them is named, and none is forgotten. */
import { describe, expect, it } from 'vitest';
import { notCovered } from '../../../rules/library/not-covered.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { drugClasses } from '../../../rules/terminology/drugs/ingredients.ts';
import { renalLimits } from '../../../rules/terminology/renal-limits.ts';
import { decidedWith, type Given } from '../../support/ordered-tests.ts';

const rules = shippedRuleset().documents;
const creatinine = (value: number, hoursAgo: number) =>
  ({ test: 'creatinine', value, unit: 'mg/dL', hoursAgo }) as const;

const ordering = (text: string): Given => ({
  age: 60,
  labs: [creatinine(2.4, 1), creatinine(1, 25)],
  active: [],
  ended: [],
  conditions: [],
  allergies: [],
  encounter: 'inpatient',
  ordered: [{ text }],
});

/** The rules of the stage that are shown for an order of it. */
function shownFor(drug: string): string[] {
  const { evaluations } = decidedWith(ordering(drug), {});
  return evaluations.flatMap(({ rule, shown }) =>
    shown && ['RF-002', 'RF-009'].includes(rule) ? [rule] : [],
  );
}

describe('in acute kidney injury of stage 2', () => {
  it('every drug of the table is named by the critical rule or by the warning, never by both', () => {
    const wrong = renalLimits.flatMap(({ drug }) => {
      const shown = shownFor(drug);
      return shown.length === 1 ? [] : [`${drug}: ${shown.join(', ') || 'neither'}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(['furosemide', 'torsemide', 'hydrochlorothiazide', 'chlorthalidone'])(
    '%s, which treats overload, is told as information',
    (drug) => {
      expect(shownFor(drug)).toEqual([]);
      const { cards } = decidedWith(ordering(drug), {});
      expect(cards.filter(({ indicator }) => indicator === 'critical')).toEqual([]);
      expect(cards.map(({ source }) => source.topic.code)).toContain('AX-008');
    },
  );

  it('a loop diuretic in heart failure is no finding at all', () => {
    const { cards } = decidedWith({ ...ordering('furosemide'), conditions: ['heart-failure'] }, {});
    expect(cards.map(({ source }) => source.topic.code)).not.toContain('AX-008');
    expect(cards.filter(({ indicator }) => indicator === 'critical')).toEqual([]);
  });

  it.each(['ondansetron', 'amlodipine', 'ceftriaxone', 'acetaminophen'])('%s is not named', (drug) => {
    expect(shownFor(drug)).toEqual([]);
  });
});

/** Classes that a rule says are dosed by the kidney, by name in the rule. */
const dosedByKidney = ['RF-004', 'RF-006'].flatMap((id) => {
  const text = JSON.stringify(
    rules.find((rule) => rule.id === id)?.[id === 'RF-004' ? 'conditions' : 'relevantTo'],
  );
  return [...drugClasses.keys()].filter((name) => text.includes(`"${name}"`));
});
/** They make a recent creatinine urgent, and are not dosed by it. */
const reasons = new Set(['loop-diuretic', 'thiazide-diuretic', 'potassium-sparing-diuretic', 'arb', 'arni']);
/** Their members have no such limit in their label, each for a reason. */
const without = new Set([
  // Biliary; no dose for the kidney.
  'ceftriaxone',
  // They leave by the liver, too.
  'fosinopril',
  'spirapril',
  // One dose by mouth, no adjustment.
  'baloxavir marboxil',
  // Of the groups with the lowest risk: one dose for an examination.
  'gadobenate',
  'gadobutrol',
  'gadoterate',
  'gadoteridol',
  'gadoxetate',
]);

it('every drug that a rule calls dosed by the kidney is covered by a rule or stands in the table', () => {
  const members = new Set(
    dosedByKidney
      .filter((name) => !reasons.has(name) && name !== 'renin-inhibitor')
      .flatMap((name) => drugClasses.get(name) ?? [])
      .map(({ name }) => name),
  );
  const listed = new Set(renalLimits.map(({ drug }) => drug));
  const asLimits = [...members].map((drug) => ({ drug, limit: 'one', source: 'a label', read: false }));
  const open = notCovered(rules, asLimits).map(({ drug }) => drug);
  expect(open.filter((drug) => !listed.has(drug) && !without.has(drug))).toEqual([]);
});

it('dofetilide is covered by its bands and not by its contraindication alone', () => {
  const limit = renalLimits.filter(({ drug }) => drug === 'dofetilide');
  const bands = rules.filter(({ id }) => id === 'QT-010');
  expect(notCovered(bands, limit)).toEqual([]);
});
