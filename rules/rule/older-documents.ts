/**
 * Rule documents of earlier versions, as a log keeps them, read as today's: so that a decision of years ago replays
 * under the rules of its day.
 */
import { isObject } from '../fhir/json.ts';

/**
 * Up to engine 0.1.0 a rule about the data itself was known by its id; since then the document says so.
 * @param json a rule.json of any version
 */
export function upgradeDocument(json: unknown): unknown {
  if (!isObject(json) || json.about !== undefined) return json;
  return typeof json.id === 'string' && idsAboutData.has(json.id) ? { ...json, about: 'data' } : json;
}

const idsAboutData: ReadonlySet<string> = new Set(['DQ-001', 'DQ-002', 'DQ-003', 'DQ-004']);
