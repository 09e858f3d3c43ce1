/**
 * Whether an imaging order uses contrast, and which: by its code, else by its words. Most EHRs order by local codes, so
 * the words decide often (`CT ABDOMEN W IV CONTRAST`). The agent itself is not in the order.
 */
import * as z from 'zod/mini';
import { asString, type Json } from '../fhir/json.ts';
import table from './contrast-studies.json' with { type: 'json' };
import { plainAddress } from './systems.ts';

export type Contrast = 'iodinated' | 'gadolinium';

/** What a study is given; `arterial`: through a catheter into an artery. */
export interface ContrastStudy {
  contrast: Contrast;
  arterial?: true;
}

const codes = z.array(z.string());
const { systems } = z
  .strictObject({
    comment: z.array(z.string()),
    systems: z.array(
      z.strictObject({ system: z.string(), iodinated: codes, gadolinium: codes, none: codes }),
    ),
  })
  .parse(table);

/** `null`: without contrast. */
const byCode: ReadonlyMap<string, Contrast | null> = new Map(
  systems.flatMap(({ system, iodinated, gadolinium, none }) => [
    ...iodinated.map((code) => [`${system}|${code}`, 'iodinated'] as const),
    ...gadolinium.map((code) => [`${system}|${code}`, 'gadolinium'] as const),
    ...none.map((code) => [`${system}|${code}`, null] as const),
  ]),
);

/** What is undefined is in none of the lists. */
const ofCoding = ({ system, code }: Json): Contrast | null | undefined =>
  byCode.get(`${plainAddress(system) ?? ''}|${asString(code)?.trim().toUpperCase() ?? ''}`);

const magnetic = /\b(?:mri?|mra|magnetic)\b/;
const tomography = /\b(?:cta?|computed|computerized|computerised)\b/;
const catheter = /\b(?:catheteri[sz]ation|cath|arteriogra\w+|angiogra\w+|angiogram|ventriculogra\w+)\b/;
/** Both are given: first without, then with it. */
const alsoWith = /\bwith(?:out)?\s*(?:and|&|\+|\/|then)?\s*with(?:out)?\b/;
const noContrast = /\b(?:without|no|non)[\s-]+(?:iv |intravenous )?(?:contrast|dye|gad\w*)/;
const onlyOral = /\boral contrast only\b|\bwith oral contrast\b(?!.*\b(?:iv|intravenous)\b)/;
const withContrast =
  /\b(?:with|iv|intravenous|post)\b[^.;]*\b(?:contrast|dye|gad\w*)|contrast[\s-]*enhanced|\bgadolinium\b|\b(?:ct|mr)a\b/;

/** `w/o`, `wo`, `w/` and `w` in full. */
const inFull = (text: string): string =>
  text
    .slice(0, 500)
    .toLowerCase()
    .replace(/\bw\/?o\b/g, 'without')
    .replace(/\bw\b\/?/g, 'with ')
    .replace(/\s+/g, ' ');

function ofWords(words: string): ContrastStudy | null {
  const said = inFull(words);
  if (magnetic.test(said)) return isGiven(said) ? { contrast: 'gadolinium' } : null;
  if (tomography.test(said)) return isGiven(said) ? { contrast: 'iodinated' } : null;
  return catheter.test(said) && !noContrast.test(said) ? { contrast: 'iodinated', arterial: true } : null;
}

const isGiven = (said: string): boolean =>
  alsoWith.test(said) || (!noContrast.test(said) && !onlyOral.test(said) && withContrast.test(said));

/**
 * @param codings of the order; one in the lists decides
 * @param words its text and the displays of its codings
 * @returns null where no contrast is stated
 */
export function contrastOf(codings: readonly Json[], words: readonly unknown[]): ContrastStudy | null {
  const coded = codings.slice(0, 50).flatMap((coding) => {
    const found = ofCoding(coding);
    return found === undefined ? [] : [found];
  });
  if (coded.length > 0) {
    const contrast = coded.find((one) => one !== null);
    return contrast ? { contrast } : null;
  }
  for (const said of words) {
    const found = typeof said === 'string' ? ofWords(said) : null;
    if (found) return found;
  }
  return null;
}
