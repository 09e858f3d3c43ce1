/**
 * Why a clinician may decide otherwise: one published code system, and for each family of rules the reasons that
 * make sense there. Codes are stable, so that an EHR maps them once. Published as FHIR in docs/fhir.
 *
 * `durable`: the reason stays true as long as the facts do. Only such a reason may withhold a finding later;
 * what was an emergency, a wrong value or managed then may be otherwise next week.
 */
export const overrideReasonSystem = 'urn:epsom:override-reason';
/** Of the code system: a code is added under a new minor version, and never taken away or given another meaning. */
export const overrideReasonVersion = '1.0.0';

interface OverrideReason {
  display: string;
  definition: string;
  durable: boolean;
}

const table = {
  'benefit-outweighs-risk': {
    display: 'Benefit outweighs the risk for this patient',
    definition: 'The risk is known and was weighed for this patient; the treatment is meant.',
    durable: true,
  },
  'specialist-advice': {
    display: 'Specialist advice followed',
    definition: 'A specialist, or the protocol of one, asks for it.',
    durable: true,
  },
  'not-applicable': {
    display: 'Does not apply to this patient',
    definition: 'The rule does not fit: the diagnosis, the indication or the setting is another one.',
    durable: true,
  },
  'no-alternative': {
    display: 'No suitable alternative',
    definition: 'Alternatives were considered, and are contraindicated, not tolerated or not to be had.',
    durable: true,
  },
  'doses-separated': {
    display: 'Doses are given apart',
    definition: 'The two are given with the interval of the label between them.',
    durable: true,
  },
  'already-managed': {
    display: 'Already monitored or managed',
    definition: 'The risk is being monitored or treated now.',
    durable: false,
  },
  'dose-adjusted': {
    display: 'Dose already adjusted',
    definition: 'The dose was chosen for the kidney function, weight or level of this patient.',
    durable: false,
  },
  'test-ordered': {
    display: 'The test is ordered or pending',
    definition: 'What is missing was ordered, or its result is awaited.',
    durable: false,
  },
  'data-not-current': {
    display: 'The data is wrong or out of date',
    definition: 'A value, a medication or a diagnosis that the finding rests on is not true now.',
    durable: false,
  },
  emergency: {
    display: 'Emergency',
    definition: 'There is no time; it will be looked at afterwards.',
    durable: false,
  },
} as const satisfies Readonly<Record<string, OverrideReason>>;

export type OverrideReasonCode = keyof typeof table;
export const overrideReasons: Readonly<Record<OverrideReasonCode, OverrideReason>> = table;

export const isOverrideReason = (code: unknown): code is OverrideReasonCode =>
  typeof code === 'string' && Object.hasOwn(table, code);
/** A code we do not know lasts for nothing. */
export const isDurable = (code: string): boolean => isOverrideReason(code) && table[code].durable;

interface Family {
  title: string;
  /** What a rule of the family offers unless it names its own. */
  usual: readonly OverrideReasonCode[];
  /** What its rules may offer beside the usual ones. */
  also: readonly OverrideReasonCode[];
}

const dangerous: readonly OverrideReasonCode[] = ['specialist-advice', 'emergency', 'no-alternative'];

/** By the two letters a rule's id begins with. */
export const families = {
  MG: {
    title: 'magnesium level',
    usual: [
      'already-managed',
      'test-ordered',
      'benefit-outweighs-risk',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  IV: {
    title: 'magnesium by injection',
    usual: ['benefit-outweighs-risk', 'already-managed', 'emergency', 'data-not-current', 'not-applicable'],
    also: ['specialist-advice', 'test-ordered', 'no-alternative'],
  },
  OM: {
    title: 'magnesium by mouth',
    usual: ['benefit-outweighs-risk', 'already-managed', 'data-not-current', 'not-applicable'],
    also: ['specialist-advice', 'test-ordered', 'no-alternative'],
  },
  CH: {
    title: 'drugs that magnesium binds',
    usual: ['doses-separated', 'benefit-outweighs-risk', 'data-not-current', 'not-applicable'],
    also: ['specialist-advice', 'already-managed', 'no-alternative'],
  },
  QT: {
    title: 'QT prolongation',
    usual: ['benefit-outweighs-risk', 'already-managed', 'data-not-current', 'not-applicable'],
    also: dangerous,
  },
  DG: {
    title: 'digoxin',
    usual: [
      'benefit-outweighs-risk',
      'already-managed',
      'dose-adjusted',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  HK: {
    title: 'potassium',
    usual: [
      'benefit-outweighs-risk',
      'already-managed',
      'test-ordered',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  RF: {
    title: 'kidney function',
    usual: [
      'already-managed',
      'test-ordered',
      'benefit-outweighs-risk',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  RD: {
    title: 'drugs and the kidney',
    usual: [
      'benefit-outweighs-risk',
      'dose-adjusted',
      'already-managed',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  AX: {
    title: 'acute kidney injury',
    usual: ['benefit-outweighs-risk', 'already-managed', 'data-not-current', 'not-applicable'],
    also: dangerous,
  },
  KX: {
    title: 'drugs that keep potassium',
    usual: [
      'benefit-outweighs-risk',
      'already-managed',
      'test-ordered',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  QX: {
    title: 'QT and dose',
    usual: [
      'benefit-outweighs-risk',
      'already-managed',
      'dose-adjusted',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  RB: {
    title: 'doses by kidney function',
    usual: [
      'benefit-outweighs-risk',
      'dose-adjusted',
      'already-managed',
      'data-not-current',
      'not-applicable',
    ],
    also: dangerous,
  },
  MD: {
    title: 'doses of magnesium',
    usual: ['benefit-outweighs-risk', 'dose-adjusted', 'data-not-current', 'not-applicable'],
    also: dangerous,
  },
  CV: {
    title: 'critical values',
    usual: ['already-managed', 'test-ordered', 'data-not-current', 'not-applicable'],
    also: [...dangerous, 'benefit-outweighs-risk'],
  },
  DQ: {
    title: 'allergy, duplicate and data',
    usual: ['benefit-outweighs-risk', 'already-managed', 'data-not-current', 'not-applicable'],
    also: dangerous,
  },
} as const satisfies Readonly<Record<string, Family>>;

export type FamilyName = keyof typeof families;
export const familyNames = Object.keys(families).filter((name): name is FamilyName => name in families);
export const isFamily = (name: string): name is FamilyName => Object.hasOwn(families, name);

/** Of a rule that is of no family; the linter does not let one ship. */
const noFamily: Family = { title: 'no family', usual: families.DQ.usual, also: [] };

export function familyOf(ruleId: string): Family {
  const name = ruleId.slice(0, 2);
  return isFamily(name) ? families[name] : noFamily;
}

/** The reasons a rule offers: its own, or the usual ones of its family. */
export const reasonsOf = (rule: {
  id: string;
  card: { overrideReasons?: readonly OverrideReasonCode[] | undefined };
}): readonly OverrideReasonCode[] => rule.card.overrideReasons ?? familyOf(rule.id).usual;
