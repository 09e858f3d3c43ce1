/** What the prefetch of a request lacks, against the templates of its hook. Pure. */
import { asObject, asString, type Json } from '../../rules/fhir/json.ts';
import { isFhirId } from '../../rules/intake/identity.ts';
import { answerTo } from '../../rules/intake/prefetch-answer.ts';
import { nextLink } from './bundle.ts';

/** Prefetch templates of a hook: key to query with tokens. */
export type Templates = Readonly<Record<string, string>>;

export interface MissingData {
  /** Templates to ask afresh; `replaces`: what came under this key is a defective answer to the same question. */
  searches: { key: string; query: string; replaces: boolean }[];
  /** Bundles of the prefetch, at key `at`, with a further page; `query`: of the template that they answer. */
  pages: { key: string; at: string; first: Json; query: string }[];
}

const tokens = /\{\{context\.(\w+)\}\}/g;

/** A template with its tokens replaced by ids of the context; null where one is missing or is no id. */
function fillTemplate(template: string, context: object): string | null {
  let usable = true;
  const query = template.replaceAll(tokens, (_, field: string) => {
    const value = asString(Object.entries(context).find(([name]) => name === field)?.[1]);
    const id = value?.replace(/^[A-Z][A-Za-z]+\//, '') ?? '';
    if (!isFhirId(id)) usable = false;
    return encodeURIComponent(id);
  });
  return usable ? query : null;
}

type Answer = 'whole' | 'part' | 'none';

/** Every answer to a template, its own key first; null where one of them is whole. */
function partialAnswers(
  key: string,
  query: string,
  prefetch: Json,
): { name: string; answer: Answer }[] | null {
  const answerOf = (name: string) => ({ name, answer: answerTo({ key, query }, name, prefetch[name]) });
  // Nearly always it is there under its own key, and then no other need be looked at.
  const own = Object.hasOwn(prefetch, key) ? answerOf(key) : { name: key, answer: 'none' as const };
  if (own.answer === 'whole') return null;
  const others = Object.keys(prefetch)
    .filter((name) => name !== key)
    .map(answerOf);
  return others.some(({ answer }) => answer === 'whole') ? null : [own, ...others];
}

/**
 * Templates without a whole answer: the rest of a bundle where it has a further page, else a search.
 * @param context of the request, with the ids that templates ask for
 */
export function missingData(context: object, prefetch: Json, templates: Templates): MissingData {
  const missing: MissingData = { searches: [], pages: [] };
  for (const [key, template] of Object.entries(templates)) {
    const query = fillTemplate(template, context);
    // A template about an encounter, outside of one.
    const answers = query === null ? null : partialAnswers(key, query, prefetch);
    if (query === null || answers === null) continue;
    const [paged] = answers.flatMap(({ name, answer }) => {
      const first = asObject(prefetch[name]);
      return answer === 'part' && first && nextLink(first) !== null ? [{ at: name, first }] : [];
    });
    if (paged) missing.pages.push({ key, query, ...paged });
    else {
      const isOutcome = asObject(prefetch[key])?.resourceType === 'OperationOutcome';
      const replaces = answers[0]?.answer === 'part' || isOutcome;
      missing.searches.push({ key, query, replaces });
    }
  }
  return missing;
}
