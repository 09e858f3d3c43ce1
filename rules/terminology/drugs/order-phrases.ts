/**
 * Names that order lists (Epic, Cerner) shorten so that their parts cannot be read one by one: several metals of one
 * salt, "electrolytes" for salts that count, HCT behind a name. Each becomes a name of the table with the same content.
 */

const salt = '(?:sulf?(?:ate)?s?)';
const sodium = '(?:sodium|sod|na)';
const potassium = '(?:potassium|pot|k)';
const magnesium = '(?:magnesium|mag|mg)';
const aluminum = '(?:aluminum|aluminium|alum|al)';
const hydroxide = '(?:hydroxide|hydrox|hyd)';
const simethicone = '(?:simethicone|simeth)';
const glycol = '(?:polyethylene glycol|peg)(?:[ -]?3350)?';
const joint = '(?: ?[-,/&+] ?| and |, and )';
const phrase = (...parts: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])${parts.join('')}(?![\\p{L}\\d])`, 'u');

const phrases: readonly (readonly [RegExp, string])[] = [
  // Suprep, Izinova: all three sulfates.
  [phrase(`${sodium} ${salt}`, joint, `${potassium} ${salt}`, joint, `${magnesium} ${salt}`), 'suprep'],
  [phrase(sodium, joint, potassium, joint, magnesium, ` ${salt}`), 'suprep'],
  [phrase(`${sodium} ${salt}`, joint, `${potassium} chlor(?:ide)?`, joint, `${magnesium} ${salt}`), 'sutab'],
  [phrase(`${magnesium} ${hydroxide}`, joint, `${aluminum} ${hydroxide}`, joint, simethicone), 'mag-al plus'],
  [phrase(`${aluminum} ${hydroxide}`, joint, `${magnesium} ${hydroxide}`, joint, simethicone), 'mag-al plus'],
  // Every such lavage holds potassium chloride; NuLytely holds what all of them do.
  [phrase(glycol, '(?: ?[-/&+,] ?| and | with )', 'electrolytes?'), 'nulytely'],
  // "in D5-0.45 NS": two fluids.
  [/\b(d(?:5|10)w?)-(?=[\d.])/u, '$1 '],
  // "losartan HCT", as "losartan-HCT"; a brand ("Micardis HCT") has the same canonical name with both.
  [/([a-z]{4}) (hctz?)\b/u, '$1-$2'],
];

/** @param name as `foldCase` returns it, without accents */
export const spellOrderPhrases = (name: string): string =>
  phrases.reduce((spelled, [pattern, words]) => spelled.replace(pattern, words), name);
