/**
 * What a card offers to order is worth a click: never a test whose result has just come, and no test that another card of
 * the answer offers too. Over the handed records, cases of rules and the planted dangers.
 */
import { expect, test } from 'vitest';
import type { Card } from '../rules/cards/types.ts';
import { asArray, asObject, asString, type Json } from '../rules/fhir/json.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { labCodes } from '../rules/terminology/labs.ts';
import { decisionOf, type Input, resourcesOf } from './support/metamorphic/input.ts';
import { caseInputs, recordInputs } from './support/metamorphic/inputs.ts';
import { at, callOf, inpatientOrder } from './support/ordinary-patients.ts';
import { dangers, plant } from './support/planted-dangers.ts';
import { randomOf, sampled } from './support/random.ts';

/** Of the panel the tests that a rule can ask for: https://loinc.org/24321-2 */
const panels: Readonly<Record<string, readonly string[]>> = {
  '24321-2': ['creatinine', 'potassium', 'calcium-total', 'sodium', 'bun'],
  '11524-6': ['qtc', 'qt'],
};
const testsOf = (code: string): readonly string[] =>
  panels[code] ?? [labCodes.find((one) => one.code === code)?.test ?? code];
/** A creatinine came with its eGFR, unless that is of cystatin C; one by race is not used, and the creatinine is asked for. */
const testsOfResult = (result: string): readonly string[] => {
  const of = labCodes.find(({ code }) => code === result);
  const isOfCreatinine = of?.test === 'egfr' && of.method !== 'cystatin C' && !of.raceBased;
  return isOfCreatinine ? ['egfr', 'creatinine'] : testsOf(result);
};

/** A result of the last hours was just resulted. */
const justNow = 6 * 3_600_000;

function justResulted(input: Input): Set<string> {
  const now = Date.parse(input.at);
  const isNew = ({ status, effectiveDateTime }: Json): boolean => {
    const time = Date.parse(asString(effectiveDateTime) ?? '');
    return status === 'final' && time <= now && time >= now - justNow;
  };
  const isUsable = ({ valueQuantity }: Json): boolean => asObject(valueQuantity)?.code !== undefined;
  const found = resourcesOf(input).filter(
    (one) => one.resourceType === 'Observation' && isNew(one) && isUsable(one),
  );
  return new Set(
    found.flatMap(({ code }) =>
      asArray(asObject(code)?.coding).flatMap((coding) => testsOfResult(asString(coding.code) ?? '')),
    ),
  );
}

const offeredBy = ({ suggestions }: Card): string[] => [
  ...new Set(
    (suggestions ?? [])
      .flatMap(({ actions }) => actions)
      .filter(({ type, resource }) => type === 'create' && resource?.resourceType === 'ServiceRequest')
      .flatMap(({ resource }) => asArray(asObject(resource?.code)?.coding))
      .flatMap(({ code }) => testsOf(asString(code) ?? '')),
  ),
];

/** What one answer offers in vain. */
function inVain(input: Input, cards: readonly Card[]): string[] {
  const fresh = justResulted(input);
  const offers = cards.map(offeredBy);
  const all = offers.flat();
  return [
    ...new Set(all.filter((name) => fresh.has(name)).map((name) => `${input.name}: ${name} has just come`)),
    ...new Set(
      all.filter((name, index) => all.indexOf(name) !== index).map((name) => `${input.name}: ${name} twice`),
    ),
  ];
}

const isWhole = process.env.MODE === 'whole';
const ruleset = shippedRuleset();

function planted(): Input[] {
  const random = randomOf(5);
  return dangers.flatMap((danger) =>
    Array.from({ length: 3 }, (_, index) => {
      const call = callOf(plant(danger, inpatientOrder(random)), danger.hook);
      return { ...call, name: `${danger.name} ${index}`, at };
    }),
  );
}

const families: [string, readonly Input[]][] = [
  ['handed records', recordInputs()],
  ['cases of rules', sampled(caseInputs(), isWhole ? 1 : 0.15)],
  ['planted dangers', planted()],
];

for (const [family, inputs] of families)
  test(`${family}: no test is offered that has just come, and none twice in an answer`, () => {
    const found = inputs.flatMap((input) => {
      const decision = decisionOf(input, ruleset);
      return 'refused' in decision ? [] : inVain(input, decision.cards);
    });
    if (isWhole)
      console.log(`${family}: ${found.length} of ${inputs.length}\n${found.slice(0, 20).join('\n')}`);
    expect(found.slice(0, 10), `${found.length}`).toEqual([]);
  }, 600_000);

test('what is offered in vain is seen', () => {
  const offer = (code: string) => ({
    label: 'Order',
    uuid: code,
    actions: [
      {
        type: 'create' as const,
        description: 'Order',
        resource: {
          resourceType: 'ServiceRequest',
          code: { coding: [{ system: 'http://loinc.org', code }] },
        },
      },
    ],
  });
  const card = (code: string): Card => ({
    uuid: code,
    summary: 's',
    detail: 'd',
    indicator: 'info',
    source: { label: 'l', topic: { system: 's', code: 'c', display: 'd' } },
    suggestions: [offer(code)],
  });
  const input: Input = {
    name: 'one',
    hook: 'order-sign',
    at,
    prefetch: {
      labs: {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'Observation',
              status: 'final',
              effectiveDateTime: '2026-01-31T08:00:00Z',
              code: { coding: [{ system: 'http://loinc.org', code: '2823-3' }] },
              valueQuantity: { value: 4, code: 'mmol/L' },
            },
          },
        ],
      },
    },
  };
  expect(inVain(input, [card('19123-9')])).toEqual([]);
  expect(inVain(input, [card('24321-2')])).toEqual(['one: potassium has just come']);
  expect(inVain(input, [card('19123-9'), card('2601-3')])).toEqual(['one: magnesium twice']);
});
