/** How often, as Timing.code says it: https://hl7.org/fhir/R4/datatypes.html#Timing */
import { expect, it } from 'vitest';
import { type Pattern, patternOf } from '../../../rules/dosage/timing-code.ts';

const snomed = 'http://snomed.info/sct';
const gts = 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation';

it.each<[string, unknown, Pattern | 'unclear' | null]>([
  ['a text', { text: 'twice daily' }, { timesADay: 2 }],
  ['a text with a range: the most', { text: 'every 4 to 6 hours as needed' }, { timesADay: 6 }],
  ['a text of a week', { text: '3 times a week' }, { timesADay: 3 / 7 }],
  ['a code for its text', { text: 'bid' }, { timesADay: 2 }],
  ['once', { text: 'STAT' }, { count: 1 }],
  ['a code of HL7', { coding: [{ system: gts, code: 'TID' }] }, { timesADay: 3 }],
  ['a code of HL7 in lower case', { coding: [{ code: 'qod' }] }, { timesADay: 1 / 2 }],
  ['a code that is a text', { coding: [{ code: 'q8h' }] }, { timesADay: 3 }],
  ['a code of SNOMED', { coding: [{ system: snomed, code: '229799001' }] }, { timesADay: 2 }],
  ['a code of HL7 as one of SNOMED', { coding: [{ system: snomed, code: 'MO' }] }, 'unclear'],
  ['a display', { coding: [{ display: 'BID' }] }, { timesADay: 2 }],
  ['a string', 'BID', { timesADay: 2 }],
  ['code and text that agree', { coding: [{ code: 'BID' }], text: 'twice daily' }, { timesADay: 2 }],
  ['code and text that differ', { coding: [{ code: 'BID' }], text: 'three times daily' }, 'unclear'],
  ['code and display that differ', { coding: [{ code: 'BID', display: 'once daily' }] }, 'unclear'],
  ['a known one beside one that is not', { coding: [{ code: 'x' }, { code: 'QD' }] }, { timesADay: 1 }],
  ['what is not understood', { text: 'when the moon is full' }, 'unclear'],
  ['a code that is not understood', { coding: [{ code: 'x' }] }, 'unclear'],
  ['0 times a day', { text: '0 times a day' }, 'unclear'],
  ['every 0 hours', { text: 'q0h' }, 'unclear'],
  ['with meals', { text: 'TID with meals' }, { timesADay: 3 }],
  ['with food', { text: 'BID with food' }, { timesADay: 2 }],
  ['before each meal', { text: 'three times daily before each meal' }, { timesADay: 3 }],
  ['with food, as needed', { text: 'BID with food PRN' }, { timesADay: 2 }],
  ['as needed, with food', { text: 'BID PRN with food' }, { timesADay: 2 }],
  ['every 8 hours as needed', { text: 'every 8 hours PRN' }, { timesADay: 3 }],
  ['meals alone', { text: 'with meals' }, 'unclear'],
  ['another aside', { text: 'BID until gone' }, 'unclear'],
  ['nothing in it', {}, null],
  ['nothing', undefined, null],
])('%s', (_name, code, expected) => {
  expect(patternOf(code)).toEqual(expected);
});
