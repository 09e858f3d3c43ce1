/**
 * The numbers of brands with codeine: `Tylenol #3`, `Fiorinal No. 3`, `Tylenol-3`. They say how much codeine is in
 * it (1: 7.5 or 8 mg, 2: 15 mg, 3: 30 mg, 4: 60 mg: labels of Tylenol with Codeine and Fiorinal with Codeine).
 */

/** With a sign the number is one of these; a bare one is not where it counts or measures: "Tylenol 3 tablets". */
const numbered =
  /\b(tylenol|fioricet|fiorinal|empirin|acetaminophen|apap)(?: ?(?:w\/ ?|with )?(?:#|no\.? ?|number )[1-4]\b|(?<=tylenol|fiorinal|fioricet|empirin)[ -][1-4]\b(?! ?(?:[.,/%x]|mg|g\b|ml|tabs|tablets|caps|capsules|pills|times|doses|per|a |or |to |-)))/;

const saidTwice = /(codeine?(?: phosphate)?) ?(?:#|no\.? ?|number )[1-4]\b/;

/**
 * @param name as `foldCase` returns it
 * @returns the name with "with codeine" in place of the number
 */
export const spellCodeineNumbers = (name: string): string =>
  name.includes('codein') ? name.replace(saidTwice, '$1') : name.replace(numbered, '$1 with codeine');
