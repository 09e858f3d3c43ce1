/**
 * Fluids that a drug is dissolved in or runs with: `in 50 mL SWFI`, `in D5W`, `dextrose 5 % and sodium chloride
 * 0.45 % with KCl 20 mEq/L`. They are taken off a name that says what is in them. RxNorm's structure, each part
 * after a slash, names them as ingredients and stays as it is.
 */
import { canonicalName, startsWithDigit } from './spelling.ts';
import { isUnit } from './words.ts';

const fluids: ReadonlySet<string> = new Set(
  `swfi|swi|sw|wfi|sterile water|sterile water for injection|sterile water for injections|water
  |water for injection|water for injections|ns|nss|n s|normal saline|half normal saline|saline
  |sodium chloride|isotonic saline|d5|d5w|d10|d10w|d20w|d2.5w|d5ns|d5 ns|d5 nacl|d5lr|d5 lr|d5 in water
  |dextrose|dextrs|dextr|dex|dextrose in water|glucose|lr|lactated ringer's|lactated ringers|lactated ringer
  |ringer's lactate|ringers lactate|ringer lactate|ringer's|iso osmotic|iso osm|iso osmotic dextrose
  |iso os|iso osmotic sodium chloride|diluent|diluent combo no.1|diluent combo no 1|diluent combo no|hartmann's|hartmanns
  |wasser|wasser fur injektionszwecke|compound sodium lactate`
    .split('|')
    .map((name) => canonicalName(name.replace(/\s+/g, ' '))),
);
const longest = 5;

const opening: ReadonlySet<string> = new Set(['in', 'w', 'with', 'dissolved', 'diluted']);
const joining: ReadonlySet<string> = new Set(['and', '&', '+', ',', '-']);
const announcing: ReadonlySet<string> = new Set(['with', 'w', '+', 'plus', 'and', '&']);

/** How many tokens the name of a fluid takes, 0 where none begins. */
function fluidAt(tokens: readonly string[], at: number): number {
  for (let length = Math.min(longest, tokens.length - at); length > 0; length -= 1)
    if (fluids.has(canonicalName(tokens.slice(at, at + length).join(' ')))) return length;
  return 0;
}

/** Where the amounts that begin here end: "50 ml", "0.9 %", "1 / 2". */
function afterAmounts(tokens: readonly string[], at: number): number {
  let end = at;
  while (end < tokens.length) {
    const token = tokens[end] ?? '';
    const isJoint = token === '/' && startsWithDigit(tokens[end - 1] ?? '');
    if (!startsWithDigit(token) && !(end > at && (isUnit(token) || isJoint))) break;
    end += 1;
  }
  return end;
}

/** Where a run of fluids that begins here ends: amounts and fluids, joined; `at` where there is none. */
function afterFluids(tokens: readonly string[], at: number): number {
  let end = at;
  for (let next = at; next < tokens.length; ) {
    const name = afterAmounts(tokens, next);
    const length = fluidAt(tokens, name);
    if (length === 0) return end;
    end = name + length;
    const amounts = afterAmounts(tokens, end);
    const isJoined = joining.has(tokens[amounts] ?? '');
    next = isJoined ? amounts + 1 : amounts;
    if (!isJoined && amounts === end && fluidAt(tokens, end) === 0) return end;
  }
  return end;
}

/** Without the fluids that stand first and announce what is in them: "D5 1/2 NS with 20 mEq KCl". */
function withoutLeading(tokens: readonly string[]): readonly string[] {
  const end = afterFluids(tokens, 0);
  if (end === 0) return tokens;
  const next = afterAmounts(tokens, end);
  return announcing.has(tokens[next] ?? '') && next + 1 < tokens.length ? tokens.slice(next + 1) : tokens;
}

/** "450 mg/250 mL D5W", "dextrose, iso osm": a fluid after a volume or a comma; how many tokens it takes. */
function trailingFluid(tokens: readonly string[], at: number, kept: readonly string[]): number {
  const before = kept.at(-1) ?? '';
  const isNamed = kept.some((token) => token.length > 2 && !isUnit(token) && !startsWithDigit(token));
  if (!isNamed) return 0;
  if (before === 'ml' || before === 'l') return fluidAt(tokens, at);
  if (tokens[at] !== ',' || !tokens[at + 1]?.startsWith('iso')) return 0;
  const length = fluidAt(tokens, at + 1);
  return length > 0 ? length + 1 : 0;
}

/**
 * A name without the fluids that carry what it names. Amounts before a fluid stay: they are those of the bag.
 *
 * @param tokens of the name (see `tokenize`), without accents
 * @returns `hasCarrier`: it runs into a vein, where nothing else is said
 */
export function removeCarriers(tokens: readonly string[]): {
  tokens: readonly string[];
  hasCarrier: boolean;
} {
  const rest = withoutLeading(tokens);
  const kept: string[] = [];
  for (let at = 0; at < rest.length; ) {
    const token = rest[at] ?? '';
    // "w/ NS": the slash belongs to the word.
    const from = token === 'w' && rest[at + 1] === '/' ? at + 2 : at + 1;
    const end = at > 0 && opening.has(token) ? afterFluids(rest, from) : from;
    const trailing = trailingFluid(rest, at, kept);
    if (trailing > 0) at += trailing;
    else if (end > from) {
      // The volume of the bag: "in 50 mL SWFI" leaves "50 mL".
      kept.push(...rest.slice(from, afterAmounts(rest, from)));
      at = end;
    } else {
      kept.push(token);
      at += 1;
    }
  }
  return { tokens: kept, hasCarrier: kept.length < tokens.length };
}

/** Whether a piece of a name is a fluid: "piperacillin-tazobactam-dextrs". */
export const isFluid = (name: string): boolean => fluids.has(name);
