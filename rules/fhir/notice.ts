/** Something about the data a reader must know. `reference` is the resource it concerns, where there is one. */
export interface Notice {
  code: NoticeCode;
  reference: string | null;
  message: string;
}

/**
 * Every kind of notice, with what it is about. Messages never repeat received free text (a display, a note, a
 * name): they name the resource, and codes and units that look like codes and units.
 */
export const noticeCodes = {
  'unit-missing': 'a value without a unit: not used',
  'unit-unknown':
    'a unit that is not understood, or a unit and a unit code that say different things: not used',
  'unit-code-mismatch': 'a unit that contradicts the LOINC code: the value is used in its stated unit',
  'value-implausible': 'a value outside what is possible: not used',
  'value-withdrawn': 'status entered-in-error, cancelled or registered: not used',
  'value-preliminary': 'status preliminary, unknown or absent: used, with a flag',
  'value-not-a-number': 'a result that is no number: not used',
  'value-absent': 'a result that says why it has no value',
  'value-one-sided': 'a result such as `< 0.5`: used as a range',
  'lab-in-future': 'a result dated after the evaluation time: not used',
  'lab-undated': 'a result without a usable date: never recent',
  'lab-conflict': 'two results of one test at one time that differ',
  'lab-code-unknown': 'an observation that names a test of ours without a LOINC code we know: not used',
  'lab-code-system': 'a LOINC code of ours under a system that is not LOINC',
  'lab-code-not-used': 'a result of an analyte of ours in another material or meaning: no rule compares it',
  'observation-not-used': 'observations no rule asks for',
  'egfr-recomputed': 'a reported eGFR from a race-based equation: not used',
  'drug-unresolved': 'a medication that could not be matched to an ingredient',
  'dose-not-understood': 'a dose, rate or limit of an order that is not understood: not used',
  'timing-not-understood': 'how often an order is to be given, in a form that is not understood: not used',
  'route-not-understood':
    'a route that is stated and not understood, or routes that differ: the route is unknown',
  'medication-reference': 'a medication reference that leads nowhere',
  'medication-status': 'a medication whose status is unknown or absent: counted as taken, with a flag',
  'medication-not-counted':
    'a medication that is a proposal, ended, not yet begun, not taken, or marked do-not-perform',
  'medication-lapsed': 'an active prescription whose validity, supply or time is over',
  'order-not-draft': 'a posted order that is no draft, where a hook speaks about drafts',
  'encounter-unclear': 'which encounter is the current one, or of which class, is not known',
  'allergy-unresolved': 'an allergy that could not be matched to an ingredient',
  'condition-uncoded': 'a condition without a code we know',
  'condition-status': 'a condition without clinical status, or unconfirmed: counted, with a flag',
  'resource-malformed': 'something that could not be read as the resource it claims to be',
  'resource-ignored': 'resources no rule uses',
  'resource-modified': 'a resource with a modifier extension that is not understood: not used',
  'resource-deleted': 'a resource that the bundle says was deleted: not used',
  'resource-repeated':
    'several versions of one resource: the newest is used, or all of them where nothing says which that is',
  'patient-conflict': 'two Patient resources of one patient that differ in birth date or sex: not used',
  'other-patient': 'a resource of another patient: left out',
  'subject-unclear': 'a resource whose subject leads to nobody that came: left out',
  'order-unchecked': 'an order of this moment, or what was just entered, that could not be checked',
  'subject-missing': 'a resource that does not say whose it is: used, as it came with the patient',
  'patient-missing': 'no Patient resource: age and sex are unknown',
  'category-missing': 'a whole kind of data that never came',
  'category-incomplete': 'a kind of data that came in part',
  'prefetch-error': 'a prefetch answer that is an error',
  'prefetch-unidentified': 'an empty prefetch answer that does not say what was asked',
  'context-missing': 'a context field the hook should have',
  'fhir-server-not-registered': 'the FHIR server of the request is none of this client: not called',
  'fhir-server-unusable':
    'an address of a FHIR server, or an access token for it, that cannot be used: not called',
  'fhir-fetch-failed': 'data that had not come and could not be read from the FHIR server',
} as const;
export type NoticeCode = keyof typeof noticeCodes;

/** So many of one kind are kept. */
const mostAlike = 100;

/** The first of each kind in their order, and one more of each kind that says how many others there were. */
export function boundedNotices(notices: readonly Notice[]): Notice[] {
  const counts = new Map<NoticeCode, number>();
  const kept = notices.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= mostAlike;
  });
  const others = [...counts].flatMap(([code, count]) =>
    count > mostAlike ? notice(code, null, `${count - mostAlike} more of this kind`) : [],
  );
  return [...kept, ...others];
}

/**
 * @param reference what it is about, `Observation/1`; null for the whole request
 * @param message a clause about it, without clinical values
 */
export const notice = (code: NoticeCode, reference: string | null, message: string): Notice => ({
  code,
  reference,
  message,
});
