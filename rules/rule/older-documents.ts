/**
 * Rule documents of earlier versions, as a log keeps them, read as today's: so that a decision of years ago replays
 * under the rules of its day.
 */
import { isObject, type Json } from '../fhir/json.ts';

/**
 * Up to engine 0.1.0 a rule about the data itself was known by its id, and what a narrow screen shows of `detail` was
 * its first sentence and the one with the options. Since then the document says both.
 * @param json a rule.json of any version
 */
export function upgradeDocument(json: unknown): unknown {
  if (!isObject(json)) return json;
  const about = typeof json.id === 'string' && idsAboutData.has(json.id) ? { about: 'data' } : {};
  const card = isObject(json.card) ? { card: { ...briefOf(json.card), ...json.card } } : {};
  return { ...about, ...json, ...card };
}

const idsAboutData: ReadonlySet<string> = new Set(['DQ-001', 'DQ-002', 'DQ-003', 'DQ-004']);

function briefOf({ detail }: Json): { brief?: string } {
  if (typeof detail !== 'string') return {};
  const brief = detail
    .split(/(?<=\.) (?=[A-Z])/)
    .filter((sentence, index) => index === 0 || /^Options?\b/.test(sentence))
    .join(' ');
  return brief === detail ? {} : { brief };
}
