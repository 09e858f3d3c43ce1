/** A ruleset: all rules, compiled, plus the terminology they rest on, at one content digest. */
import { canonicalJson, sha256 } from '../digest/digest.ts';
import type { Category } from '../fhir/categories.ts';
import { byHook, type Hook, meaningOf } from '../fhir/hooks.ts';
import { library } from '../library/library.ts';
import { type CompiledRule, compileRule, type FactRequest, FactRequests } from '../rule/compile.ts';
import { leavesOf, parseRule, type Rule } from '../rule/document.ts';
import { families, overrideReasons } from '../rule/override-reasons.ts';
import conditions from '../terminology/conditions.json' with { type: 'json' };
import drugs from '../terminology/drugs.json' with { type: 'json' };
import labs from '../terminology/labs.json' with { type: 'json' };
import { type LabTest, labCodes } from '../terminology/labs.ts';
import type { ProductIndex } from '../terminology/products.ts';
import { unitTable } from '../terminology/units.ts';
import { engine } from '../version.ts';

export interface Ruleset {
  digest: string;
  version: string;
  /** Every rule as it is written, retired ones too: what is kept, so that a decision replays under its own. */
  documents: readonly Rule[];
  rules: readonly CompiledRule[];
  questions: readonly FactRequest[];
  /** Kinds of data that the rules of each hook rest on. */
  needs: Readonly<Record<Hook, ReadonlySet<Category>>>;
  /** Prefetch templates of each hook, derived from what its rules ask. */
  prefetch: Readonly<Record<Hook, Record<string, string>>>;
  /** What drugs' codes are resolved with, where the operator supplied one; its digest is part of ours. */
  products?: ProductIndex;
}

/**
 * @param documents parsed rule.json files
 * @throws Error naming the file and every problem of a rule that is not valid, or a repeated id
 */
export function createRuleset(
  documents: readonly { where: string; json: unknown }[],
  products?: ProductIndex,
): Ruleset {
  const questions = new FactRequests();
  const ids = new Set<string>();
  const parsed: Rule[] = [];
  for (const { where, json } of documents) {
    const rule = parseRule(json, where);
    if (ids.has(rule.id)) throw new Error(`${where} repeats the id ${rule.id}`);
    ids.add(rule.id);
    parsed.push(rule);
  }
  for (const rule of parsed) {
    for (const other of rule.supersedes ?? []) {
      if (!ids.has(other)) throw new Error(`${rule.id} supersedes ${other}, which is not in the library`);
    }
  }
  parsed.sort((a, b) => (a.id < b.id ? -1 : 1));
  const content = {
    engine,
    rules: parsed,
    labs,
    units: unitTable,
    drugs,
    conditions,
    overrideReasons,
    families,
  };
  // Two servers with different product indexes do not read a chart alike, so they are no one ruleset.
  const indexed = products ? { ...content, products: products.digest } : content;
  const digest = `sha256:${sha256(canonicalJson(indexed))}`;
  const rules = parsed
    .filter(({ status }) => status !== 'retired')
    .map((rule) => compileRule(rule, questions));
  const needsOf = (hook: Hook): Set<Category> => {
    const asked = rules
      .filter((compiled) => compiled.hooks.has(hook))
      .flatMap((compiled) => [...compiled.questions, ...compiled.exemptions])
      .flatMap((index) => {
        const question = questions.list[index];
        return question ? categoriesOf(question) : [];
      });
    const needs = new Set(asked);
    // Of an entry therapy is the other half; there it stands for orders.
    if (meaningOf(hook).kind === 'entry') {
      needs.delete('orders');
      needs.add('medications');
    }
    return needs;
  };
  return {
    digest,
    version: engine.version,
    documents: parsed,
    rules,
    needs: byHook(needsOf),
    questions: questions.list,
    prefetch: byHook((hook) =>
      prefetchOf(
        rules.filter((compiled) => compiled.hooks.has(hook)).map(({ rule }) => rule),
        hook,
      ),
    ),
    ...(products ? { products } : {}),
  };
}

/** The library that ships with this version. */
export const shippedRuleset = (products?: ProductIndex): Ruleset => createRuleset(library, products);

/** The kinds of data a question is answered from. */
function categoriesOf({ fact, params }: FactRequest): readonly Category[] {
  switch (fact) {
    case 'lab':
    case 'labNewer':
    case 'labTrend':
    case 'egfr':
    case 'egfrHighest':
    case 'egfrFall':
    case 'creatinineClearance':
    case 'akiStage':
      return ['labs'];
    case 'hasLab':
      return params.within === 'admission' ? ['labs', 'encounter'] : ['labs'];
    case 'drug':
      if (params.endedWithin) return ['medications', 'pastMedications'];
      return params.role === 'ordered' ? ['orders'] : ['medications'];
    case 'drugCount':
    case 'dailyDose':
    case 'dose':
    case 'doseFrequency':
    case 'cumulativeDose':
      return params.role === 'ordered' ? ['orders'] : ['medications'];
    case 'duplicateOrder':
      return ['medications'];
    case 'condition':
    case 'pregnancy':
      return ['conditions'];
    case 'gestation':
      return ['labs', 'conditions'];
    case 'allergy':
    case 'allergyToOrder':
      return ['allergies'];
    case 'encounter':
      return ['encounter'];
    default:
      return [];
  }
}

/** What a result may be computed from. */
const inputsOf = (test: LabTest): readonly LabTest[] =>
  test === 'calcium-corrected' ? [test, 'calcium-total', 'albumin'] : [test];

const renalInputs: readonly LabTest[] = ['creatinine', 'creatinine-dialysis', 'egfr'];
/** What a fact is computed from, as laboratory tests. */
function testsAsked(fact: string, params: Record<string, unknown>): readonly LabTest[] {
  switch (fact) {
    case 'lab':
    case 'labTrend':
      return inputsOf(params.test as LabTest);
    case 'labNewer':
      return [...inputsOf(params.test as LabTest), ...inputsOf(params.than as LabTest)];
    case 'hasLab':
      return params.tests as LabTest[];
    case 'egfr':
    case 'akiStage':
      return [...renalInputs, 'body-height', 'pregnancy-status'];
    case 'egfrHighest':
    case 'egfrFall':
      return [...renalInputs, 'pregnancy-status'];
    case 'creatinineClearance':
      return [...renalInputs, 'body-weight', 'pregnancy-status'];
    case 'pregnancy':
    case 'gestation':
      return ['pregnancy-status', 'gestational-age', 'delivery-date'];
    // Orders by body weight.
    case 'dailyDose':
    case 'dose':
    case 'cumulativeDose':
    case 'infusionRate':
      return ['body-weight'];
    default:
      return [];
  }
}

/**
 * Prefetch templates for what the active and shadow ones of a hook's rules ask, with tokens of CDS Hooks 2.0.1 only
 * (https://cds-hooks.hl7.org/2.0/#prefetch-template). No parameter is repeated: clients merge repeated ones.
 */
function prefetchOf(rules: readonly Rule[], hook: Hook): Record<string, string> {
  const asked = new Set<string>();
  let past = false;
  const tests = new Set<LabTest>();
  for (const rule of rules) {
    if (rule.status === 'draft') continue;
    for (const tree of [rule.conditions, ...(rule.unless ? [rule.unless] : [])]) {
      for (const leaf of leavesOf(tree)) {
        asked.add(leaf.fact);
        past ||= leaf.params.endedWithin !== undefined;
        for (const test of testsAsked(leaf.fact, leaf.params)) tests.add(test);
        if (typeof leaf.value === 'object' && !Array.isArray(leaf.value)) {
          for (const test of testsAsked(leaf.value.fact, leaf.value.params)) tests.add(test);
        }
      }
    }
  }
  const patient = '{{context.patientId}}';
  const templates: Record<string, string> = { patient: `Patient/${patient}` };
  if (tests.size > 0) {
    const codes = labCodes
      .filter(({ test }) => tests.has(test))
      .map(({ code }) => `http://loinc.org|${code}`);
    templates.labs = `Observation?patient=${patient}&code=${codes.join(',')}&_sort=-date&_count=200`;
  }
  const drugFacts = [
    'drug',
    'infusionRate',
    'drugCount',
    'dailyDose',
    'dose',
    'doseFrequency',
    'cumulativeDose',
    'duplicateOrder',
  ];
  // What an entry is held against, and what an order that is only named is.
  const { kind, names, encounterId } = meaningOf(hook);
  if (kind === 'entry' || names || drugFacts.some((fact) => asked.has(fact))) {
    templates.medicationRequests = `MedicationRequest?patient=${patient}&status=active,unknown&_count=200`;
    templates.medicationStatements = `MedicationStatement?patient=${patient}&status=active,intended,recorded,unknown&_count=200`;
  }
  // Apart from what is taken now: one list of all that ever was would be long, and cut where it matters.
  if (past) {
    const over = 'status=completed,stopped,on-hold';
    // `ended` is of R5: https://hl7.org/fhir/R5/valueset-medicationrequest-status.html
    templates.pastMedicationRequests = `MedicationRequest?patient=${patient}&${over},ended&_sort=-authoredon&_count=100`;
    templates.pastMedicationStatements = `MedicationStatement?patient=${patient}&${over}&_sort=-effective&_count=100`;
  }
  const needsConditions = [
    'condition',
    'pregnancy',
    'gestation',
    'egfr',
    'egfrHighest',
    'egfrFall',
    'creatinineClearance',
    'akiStage',
  ];
  if (needsConditions.some((fact) => asked.has(fact))) {
    templates.conditions = `Condition?patient=${patient}&_count=500`;
  }
  if (asked.has('allergy') || asked.has('allergyToOrder'))
    templates.allergies = `AllergyIntolerance?patient=${patient}&_count=200`;
  if (asked.has('encounter') && encounterId !== 'none')
    templates.encounter = 'Encounter/{{context.encounterId}}';
  return templates;
}
