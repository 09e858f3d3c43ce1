/** What to set in the registry for a FHIR server: what was shown to help on it, and nothing else. */
import { resourcesOf } from '../functions/outbound/bundle.ts';
import type { QueryShape } from '../rules/evaluation/query-shape.ts';
import { asArray, asObject, type Json } from '../rules/fhir/json.ts';
import { timesOf } from './doctor-ignored.ts';
import { nameOf, type Tried } from './doctor-search.ts';

type Member = keyof QueryShape;

const namesOf: Readonly<Record<Member, readonly string[]>> = {
  sort: ['_sort'],
  count: ['_count'],
  since: ['date', 'effective-time'],
  combo: ['combo-code'],
  include: ['_include'],
};
const members: readonly Member[] = ['sort', 'count', 'since', 'combo', 'include'];

const asks = ({ query }: Tried, names: readonly string[]): boolean =>
  (query.split('?')[1] ?? '').split('&').some((part) => names.includes(nameOf(part)));

/**
 * What no query may ask: refused wherever it was asked, so that leaving it out loses nothing. What is refused for one
 * type is learnt by type; where panels are found otherwise, they are found because they were asked for.
 */
const refusedMembers = (all: readonly Tried[], shape: QueryShape): Member[] =>
  members.filter((member) => {
    const names = namesOf[member];
    const asked = all.filter((tried) => tried.answer !== null && asks(tried, names));
    const isRefused = ({ refused, isWithoutPanels }: Tried): boolean =>
      names.some((name) => refused.includes(name)) && (member !== 'combo' || isWithoutPanels);
    return shape[member] && asked.length > 0 && asked.every(isRefused);
  });

const isDated = ({ query }: Tried): boolean => /^(?:Observation|MedicationAdministration)\?/.test(query);
const isOfResults = ({ query }: Tried): boolean => query.startsWith('Observation?');
const isLong = ({ pages, extent }: Tried): boolean => pages > 1 || extent === 'part';

/** Whether the newest need not come first: asked for and not done, or not asked for and otherwise. */
function lacksOrder(tried: Tried): boolean {
  const isIgnored = tried.ignored.some(({ part }) => nameOf(part) === '_sort');
  return tried.isNewestFirst === false || isIgnored || tried.refused.includes('_sort');
}

/** Queries that a member of the shape which is off might help. */
const worthTrying: Readonly<Record<Member, (tried: Tried) => boolean>> = {
  sort: (tried) => tried.isNewestFirst === false,
  count: isLong,
  since: (tried) => isDated(tried) && lacksOrder(tried),
  combo: isOfResults,
  include: ({ drugs }) => drugs.absent > 0,
};

const codesIn = (resource: Json): unknown[] =>
  [resource, ...asArray(resource.component)].flatMap((part) =>
    asArray(asObject(part.code)?.coding).map(({ code }) => code),
  );

/** Whether every result, or a component of it, has one of the codes asked for: a server may ignore the parameter. */
function isOfCodes({ query, answer }: Tried): boolean {
  const codes = new Set(/[?&]combo-code=([^&]*)/.exec(query)?.[1]?.split(','));
  return resourcesOf(answer ?? {}).every(
    ({ resource }) =>
      resource.resourceType !== 'Observation' || codesIn(resource).some((code) => codes.has(String(code))),
  );
}

/** Whether nothing came from before the first day asked for; a day of grace, since times have offsets. */
function isSince({ query, answer }: Tried): boolean {
  const first = Date.parse(/[?&](?:date|effective-time)=ge([^&]*)/.exec(query)?.[1] ?? '') - 86_400_000;
  return resourcesOf(answer ?? {}).every(({ resource }) => (timesOf(resource)?.to ?? first) >= first);
}

/** Whether a query that asks for one thing more was answered better than without. */
const helps: Readonly<Record<Member, (more: Tried, own: Tried) => boolean>> = {
  sort: (more) => more.isNewestFirst === true,
  count: (more, own) => more.pages < own.pages || (more.extent === 'whole' && own.extent === 'part'),
  since: isSince,
  combo: (more, own) => more.results > own.results && isOfCodes(more),
  include: (more, own) => more.drugs.absent < own.drugs.absent,
};

/** Queries that each setting is tried with at most. */
const mostTrials = 2;

/**
 * What of the shape to set, by what the server did.
 * @param ask the same question in another shape, on the same server
 */
export async function shapeAdvice(
  all: readonly Tried[],
  shape: QueryShape,
  ask: (own: Tried, shape: QueryShape) => Promise<Tried>,
): Promise<Partial<QueryShape>> {
  const wanted: Partial<QueryShape> = {};
  for (const member of refusedMembers(all, shape)) wanted[member] = false;
  for (const member of members) {
    // A first day is for want of order.
    if (shape[member] || (member === 'since' && wanted.sort)) continue;
    const own = all
      .filter((tried) => tried.answer !== null && worthTrying[member](tried))
      .slice(0, mostTrials);
    for (const tried of own) {
      const more = await ask(tried, { ...shape, ...wanted, [member]: true });
      const isTaken = more.answer !== null && !namesOf[member].some((name) => more.refused.includes(name));
      if (isTaken && helps[member](more, tried)) wanted[member] = true;
    }
  }
  // In the order in which the registry is documented.
  return Object.fromEntries(
    members.flatMap((member) => (member in wanted ? [[member, wanted[member]]] : [])),
  );
}

/** Calls that have to wait for one another: pages, and drugs that are read one by one. */
const roundsOf = ({ pagesNeeded, drugs }: Tried): number => pagesNeeded + (drugs.absent > 0 ? 1 : 0);

/** What the rounds of a query are, in words. */
function wordsOf({ keys, pagesNeeded, pages, drugs }: Tried): string {
  const lookBack = pagesNeeded < pages ? ', as far as rules look back' : '';
  return [
    ...(pagesNeeded > 1 ? [`${pagesNeeded} pages of ${keys.join(', ')}${lookBack}`] : []),
    ...(drugs.absent > 0 ? [`drugs of ${keys.join(', ')} that are read one by one`] : []),
  ].join(' and ');
}

/**
 * The deadline that this server needs, as a sentence; null where it has it.
 * @param own milliseconds that it has
 * @param most milliseconds that a request has
 */
export function deadlineAdvice(all: readonly Tried[], own: number, most: number): string | null {
  const answered = all.filter(({ answer }) => answer !== null);
  const [longest] = answered.toSorted((a, b) => roundsOf(b) - roundsOf(a));
  if (!longest) return null;
  const rounds = Math.max(1, roundsOf(longest));
  const slowest = Math.max(...answered.map((tried) => tried.slowest));
  const needed = rounds * slowest;
  if (needed <= own) return null;
  // A call or two may take a little longer.
  const wanted = Math.ceil((needed + 25) / 50) * 50;
  const words = wordsOf(longest);
  const why = `${rounds} ${rounds === 1 ? 'round' : 'rounds'}${words ? ` (${words})` : ''} of up to ${slowest} ms`;
  return wanted > most
    ? `"fhirDeadlineMs": ${most}, if the EHR waits as long; ${why} need ${wanted}, more than EPSOM_DEADLINE_MS`
    : `"fhirDeadlineMs": ${wanted}, if the EHR waits as long: ${why}`;
}
