/**
 * The digest of a ruleset: of all that decides what a chart means. It is the digest of the digests of its parts, which
 * are kept beside the rules: so a replay under another terminology can say what is other, and a verifier can compute the
 * digest again from what is kept.
 */
import { canonicalJson, sha256 } from '../digest/digest.ts';
import { families, overrideReasons } from '../rule/override-reasons.ts';
import { wayOutOfFamily } from '../rule/way-out.ts';
import absent from '../terminology/absent.json' with { type: 'json' };
import allergens from '../terminology/allergens.json' with { type: 'json' };
import conditionWords from '../terminology/condition-words.json' with { type: 'json' };
import conditions from '../terminology/conditions.json' with { type: 'json' };
import contrastStudies from '../terminology/contrast-studies.json' with { type: 'json' };
import drugs from '../terminology/drugs.json' with { type: 'json' };
import labs from '../terminology/labs.json' with { type: 'json' };
import labsNotUsed from '../terminology/labs-not-used.json' with { type: 'json' };
import plausibleRoutes from '../terminology/plausible-routes.json' with { type: 'json' };
import renalLimits from '../terminology/renal-limits.json' with { type: 'json' };
import serviceTests from '../terminology/service-tests.json' with { type: 'json' };
import { unitTable } from '../terminology/units.ts';
import { engine } from '../version.ts';
import worth from './worth.json' with { type: 'json' };

/** What decides beside the rules, by the name under which a replay says that it has changed. */
const shipped = {
  engine,
  drugs: { drugs, allergens, plausibleRoutes, renalLimits },
  tests: { labs, labsNotUsed, serviceTests },
  units: unitTable,
  conditions: { conditions, conditionWords, absent, contrastStudies },
  cards: { overrideReasons, families, wayOutOfFamily, worth },
};

/** Digests of the parts of a ruleset, `sha256:` and hex, by name. `products` only where the operator supplied an index. */
export type RulesetParts = Readonly<Record<keyof typeof shipped | 'rules', string> & { products?: string }>;

const digestOf = (content: unknown): string => `sha256:${sha256(canonicalJson(content))}`;

/** The digest of rule documents, in the order of their ids. */
export const digestOfRules = (documents: readonly unknown[]): string => digestOf(documents);

let ofShipped: Record<keyof typeof shipped, string> | null = null;

/** @param products digest of the product index: two servers with different ones do not read a chart alike */
export function partsOf(documents: readonly object[], products: string | undefined): RulesetParts {
  ofShipped ??= {
    engine: digestOf(shipped.engine),
    drugs: digestOf(shipped.drugs),
    tests: digestOf(shipped.tests),
    units: digestOf(shipped.units),
    conditions: digestOf(shipped.conditions),
    cards: digestOf(shipped.cards),
  };
  return { ...ofShipped, rules: digestOfRules(documents), ...(products ? { products } : {}) };
}

/** The digest of a ruleset, from those of its parts. */
export const digestOfParts = (parts: RulesetParts): string => digestOf(parts);

/** Names of the parts in which two rulesets differ, in order. */
export function differingParts(one: RulesetParts, other: RulesetParts): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const [first, second] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return [...names].filter((name) => first.get(name) !== second.get(name)).sort();
}
