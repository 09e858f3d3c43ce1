/** What an order is for, in every version of FHIR, as problems of the patient. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../../rules/decide.ts';
import { evaluatedAt } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { patient } from '../../support/ordered-tests.ts';

const ruleset = shippedRuleset();
const icd = { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'O14.10' };
const coded = { coding: [icd] };

/** What IV-009 says of 4 g over 10 minutes whose order has these members. */
function outcomeWith(members: Record<string, unknown>): string | undefined {
  const given = patient({
    sex: 'female',
    age: 30,
    ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', dose: '4 g', hours: 1 / 6 }],
  });
  const request = requestOf({ name: 'x', given, hook: 'order-sign', expect: 'fired' }, 'order-sign');
  const { draftOrders } = request.context as unknown as { draftOrders: { entry: { resource: object }[] } };
  Object.assign(draftOrders.entry[0]?.resource ?? {}, members);
  const clock = { decisionId: 'x', evaluatedAt, decidedAt: evaluatedAt };
  const { evaluations } = decide(request, ruleset, clock);
  return evaluations.find(({ rule }) => rule === 'IV-009')?.outcome;
}

describe('pre-eclampsia that stands on the order alone exempts its load', () => {
  test.each([
    ['R4 and STU3', { reasonCode: [coded] }],
    ['R5', { reason: [{ concept: coded }] }],
    ['DSTU2', { reasonCodeableConcept: coded }],
    ['a statement of DSTU2', { reasonForUseCodeableConcept: coded }],
    [
      'a contained Condition',
      {
        contained: [{ resourceType: 'Condition', id: 'c', code: coded }],
        reasonReference: [{ reference: '#c' }],
      },
    ],
    [
      'a contained Condition of R5',
      {
        contained: [{ resourceType: 'Condition', id: 'c', code: coded }],
        reason: [{ reference: { reference: '#c' } }],
      },
    ],
    ['several reasons', { reasonCode: [{ text: 'hypertension' }, coded] }],
  ])('%s', (_, members) => expect(outcomeWith(members)).toBe('not-fired'));
});

describe('nobody is exempted', () => {
  test.each([
    ['without a reason', {}],
    ['by words alone', { reasonCode: [{ text: 'severe preeclampsia' }] }],
    [
      'by the display of a reference',
      { reasonReference: [{ reference: 'Condition/9', display: 'Preeclampsia' }] },
    ],
    ['where it is to be prevented', { reasonCode: [{ ...coded, text: 'prophylaxis of preeclampsia' }] }],
    ['where it is to be ruled out', { reasonCode: [{ ...coded, text: 'rule out preeclampsia' }] }],
    ['where it is suspected', { reasonCode: [{ ...coded, text: 'suspected preeclampsia' }] }],
    ['where it was', { reasonCode: [{ ...coded, text: 'history of preeclampsia' }] }],
    ['by what is not understood', { reasonCode: [{ coding: [{ system: 'urn:x', code: '1' }] }] }],
    ['by what is malformed', { reasonCode: 'O14.10', reason: [null, 1], reasonReference: 'x' }],
  ])('%s', (_, members) => expect(outcomeWith(members)).toBe('fired'));
});
