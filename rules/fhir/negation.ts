/**
 * Extensions that say that something was not done or not taken. The profiles of QI-Core and QUICK have
 * `qicore-notDone` as a modifier extension (http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone);
 * others call it `isNegated`, `not-done` or `wasNotTaken`.
 */

import { asArray, asString, type Json } from './json.ts';

const negationNames: ReadonlySet<string> = new Set([
  'isnegated',
  'negated',
  'isnegation',
  'negation',
  'negationind',
  'negationindicator',
  'isnottaken',
  'isnotgiven',
  'isnotdone',
  'notdone',
  'qicorenotdone',
  'nottaken',
  'wasnottaken',
  'notgiven',
  'wasnotgiven',
  'donotperform',
]);

/** The last part of the address of an extension, `qicorenotdone`. */
const nameOf = ({ url }: Json): string =>
  (asString(url)?.slice(-60) ?? '')
    .replace(/^.*[/#:.]/, '')
    .replace(/[-_]/g, '')
    .toLowerCase();

const isNegation = (extension: Json): boolean =>
  negationNames.has(nameOf(extension)) && saidBy(extension) !== null;

/** A boolean, or its word where a sender had no booleans. */
export const isTrue = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
const isFalse = (value: unknown): boolean =>
  value === false || (typeof value === 'string' && value.trim().toLowerCase() === 'false');

/** What an extension says, as a boolean or as its word; null where it is neither. */
function saidBy({ valueBoolean, valueCode, valueString }: Json): boolean | null {
  const values = [valueBoolean, valueCode, valueString];
  if (values.some(isTrue)) return true;
  return values.some(isFalse) ? false : null;
}

/** Whether extensions negate the resource; null where none says so or otherwise. */
export function negationIn(resource: Json): boolean | null {
  const said = [...asArray(resource.modifierExtension), ...asArray(resource.extension)].filter(isNegation);
  return said.length === 0 ? null : said.some((extension) => saidBy(extension) === true);
}

/** Whether each modifier extension of the resource is a negation, so that nothing in it is not understood. */
export const isModifiedByNegationAlone = (resource: Json): boolean =>
  asArray(resource.modifierExtension).every(isNegation);
