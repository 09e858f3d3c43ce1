/** A ruleset: all rules, compiled, plus the terminology they rest on, at one content digest. */
import { factOf } from '../facts/facts.ts';
import type { Category } from '../fhir/categories.ts';
import { byHook, type Hook, hooks, meaningOf } from '../fhir/hooks.ts';
import { type CompiledRule, compileRule, requestsOfRule } from '../rule/compile.ts';
import { parseRule, type Rule } from '../rule/document.ts';
import { type FactRequest, FactRequests } from '../rule/fact-store.ts';
import { labTests } from '../terminology/labs.ts';
import type { ProductIndex } from '../terminology/products.ts';
import { engine } from '../version.ts';
import { prefetchOf } from './prefetch.ts';
import { digestOfParts, partsOf, type RulesetParts } from './ruleset-digest.ts';

export interface Ruleset {
  digest: string;
  /** Of what it is made, each by its digest. */
  parts: RulesetParts;
  version: string;
  /** Every rule as it is written, retired ones too: what is kept, so that a decision replays under its own. */
  documents: readonly Rule[];
  rules: readonly CompiledRule[];
  requests: readonly FactRequest[];
  /** Kinds of data that the rules of each hook rest on. */
  needs: Readonly<Record<Hook, ReadonlySet<Category>>>;
  /** Hooks whose rules read what no laboratory measures. */
  measured: ReadonlySet<Hook>;
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
  const parsed = parseAll(documents);
  const parts = partsOf(parsed, products?.digest);
  const requests = new FactRequests();
  const spoken = parsed.filter(({ status }) => status !== 'retired');
  const criticalValues = new Set(spoken.filter(({ speaks }) => speaks === 'always').map(({ id }) => id));
  const rules = spoken.map((rule) => compileRule(rule, requests, criticalValues));
  const rulesAt = (hook: Hook): Rule[] =>
    rules.filter((compiled) => compiled.hooks.has(hook)).map(({ rule }) => rule);
  return {
    digest: digestOfParts(parts),
    parts,
    version: engine.version,
    documents: parsed,
    rules,
    needs: byHook((hook) => needsOf(rulesAt(hook), hook)),
    measured: new Set(hooks.filter((hook) => rulesAt(hook).some(readsMeasurements))),
    requests: requests.list,
    prefetch: byHook((hook) => prefetchOf(rulesAt(hook), hook)),
    ...(products ? { products } : {}),
  };
}

/** The rules of the documents in the order of their ids. */
function parseAll(documents: readonly { where: string; json: unknown }[]): Rule[] {
  const byId = new Map<string, Rule>();
  for (const { where, json } of documents) {
    const rule = parseRule(json, where);
    if (byId.has(rule.id)) throw new Error(`${where} repeats the id ${rule.id}`);
    byId.set(rule.id, rule);
  }
  for (const rule of byId.values()) {
    for (const other of rule.supersedes ?? []) {
      if (!byId.has(other)) throw new Error(`${rule.id} supersedes ${other}, which is not in the library`);
    }
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const readsMeasurements = (rule: Rule): boolean =>
  requestsOfRule(rule).some(({ fact, params }) =>
    factOf(fact)
      .tests(params)
      .some((test) => !labTests[test].laboratory),
  );

/** The kinds of data that rules rest on. Of an entry therapy is the other half; there it stands for orders. */
function needsOf(rules: readonly Rule[], hook: Hook): ReadonlySet<Category> {
  const needs = new Set(
    rules.flatMap(requestsOfRule).flatMap(({ fact, params }) => factOf(fact).categories(params)),
  );
  if (meaningOf(hook).kind === 'entry') {
    needs.delete('orders');
    needs.add('medications');
  }
  return needs;
}
