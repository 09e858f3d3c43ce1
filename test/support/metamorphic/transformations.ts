/**
 * Ways to tell the same record: what the rules find, what the notices mean and what the cards say must stay. Where a
 * transformation says more or less than what it replaces, `reasons` names it.
 */
import { asArray, asObject, asString, codingsOf, isObject, type Json } from '../../../rules/fhir/json.ts';
import { type LabTest, labCodeOf, labTests } from '../../../rules/terminology/labs.ts';
import { type Entry, type Input, mapEntries, mapResources, mapStrings, resourcesOf } from './input.ts';
import type { View } from './view.ts';

export interface Retelling {
  input: Input;
  restore?: (text: string) => string;
}

export interface Transformation {
  name: string;
  /** What was refused is not retold: one more resource may make it usable. */
  ofUsable?: true;
  /** @returns null where there is nothing to retell */
  retell: (input: Input, random: () => number) => Retelling | null;
  /** Differences that are allowed, by line, each with its reason. */
  reasons?: readonly { reason: string; allows: (line: string, input: Input) => boolean }[];
  /** Takes out of the words of cards what the retelling itself changes. */
  level?: (view: View) => View;
}

const inCards =
  (replace: (card: string) => string) =>
  ({ findings, notices, cards }: View): View => ({ findings, notices, cards: cards.map(replace) });

// --- order and repetition -----------------------------------------------------------------------------------

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const [one, two] = [result[index], result[other]];
    if (one !== undefined && two !== undefined) [result[index], result[other]] = [two, one];
  }
  return result;
}

const permuted: Transformation = {
  name: 'entries permuted',
  retell: (input, random) => ({ input: mapEntries(input, (entries) => shuffled(entries, random)) }),
};

const orderTypes = new Set(['MedicationRequest', 'MedicationOrder', 'ServiceRequest']);
const isDraft = ({ resource }: Entry): boolean =>
  isObject(resource) && orderTypes.has(String(resource.resourceType)) && resource.status === 'draft';

const doubled: Transformation = {
  name: 'every entry twice',
  // Two drafts are two orders, whatever they are called.
  retell: (input) => ({
    input: mapEntries(input, (entries, place) =>
      place === 'context'
        ? entries
        : entries.flatMap((entry) => (isDraft(entry) ? [entry] : [entry, structuredClone(entry)])),
    ),
  }),
};

const isResult = ({ resource }: Entry): boolean =>
  isObject(resource) && resource.resourceType === 'Observation' && typeof resource.id === 'string';

/** The copy has its own address, on the same server. */
function underAnotherId(entry: Entry): Entry {
  const resource = asObject(entry.resource) ?? {};
  const id = `z-${asString(resource.id)}`;
  const url = asString(entry.fullUrl);
  return {
    ...entry,
    ...(url
      ? { fullUrl: url.endsWith(`/${resource.id}`) ? url.replace(/[^/]+$/, id) : `urn:uuid:${id}` }
      : {}),
    resource: { ...resource, id },
  };
}

const resultsRepeated: Transformation = {
  name: 'every result again under another id',
  retell: (input) => ({
    input: mapEntries(input, (entries) => [...entries, ...entries.filter(isResult).map(underAnotherId)]),
    restore: (text) => text.replaceAll('Observation/z-', 'Observation/'),
  }),
  reasons: [
    {
      reason: 'each result that cannot be used is named',
      allows: (line) => /: not used|etails of Observation\//.test(line),
    },
    {
      reason: 'several results that no rule compares are one notice',
      allows: (line) => /^[+-] lab-code-not-used/.test(line),
    },
  ],
};

// --- names --------------------------------------------------------------------------------------------------

/** Members that name resources. */
const referring: ReadonlySet<string> = new Set(['reference', 'fullUrl', 'selections', 'dispatchedOrders']);

const renamed: Transformation = {
  name: 'ids renamed',
  retell: (input) => {
    const ids = new Set(resourcesOf(input).flatMap(({ id }) => asString(id) ?? []));
    const context = input.context ?? {};
    for (const field of ['patientId', 'encounterId']) {
      const id = asString(context[field]);
      if (id) ids.add(id.replace(/^[A-Z]\w+\//, ''));
    }
    const newId = (id: string): string => `q${[...id].reverse().join('')}q`;
    const names = new Map([...ids].map((id) => [id, newId(id)]));
    const rename = (text: string, key: string | null): string => {
      if (key === 'id' || key === 'patientId' || key === 'encounterId') {
        const bare = text.replace(/^[A-Z]\w+\//, '');
        return text.replace(bare, names.get(bare) ?? bare);
      }
      if (key === 'selections' && names.has(text)) return names.get(text) ?? text;
      if (key === null || !referring.has(key)) return text;
      return text.replace(/(^|\/)([A-Z]\w+)\/([^/]+)/g, (whole, before: string, type: string, id: string) =>
        names.has(id) ? `${before}${type}/${names.get(id)}` : whole,
      );
    };
    const { bundle, context: oldContext, prefetch } = input;
    return {
      input: {
        ...input,
        ...(bundle ? { bundle: mapStrings(bundle, rename) } : {}),
        ...(oldContext ? { context: mapStrings(oldContext, rename) } : {}),
        ...(prefetch ? { prefetch: mapStrings(prefetch, rename) } : {}),
      },
      restore: (text) =>
        text.replace(/\bq([A-Za-z0-9._-]*?)q\b/g, (whole, id: string) => {
          const old = [...id].reverse().join('');
          return names.has(old) ? old : whole;
        }),
    };
  },
};

// --- units --------------------------------------------------------------------------------------------------

/** The same quantity in another unit of the same kind: unit, and what the number is multiplied with. */
const otherUnits: Readonly<Record<string, readonly [string, number]>> = {
  'mg/dL': ['mg/L', 10],
  'mg/L': ['ug/mL', 1],
  'g/dL': ['g/L', 10],
  'g/L': ['g/dL', 0.1],
  'umol/L': ['mmol/L', 0.001],
  'ng/mL': ['ug/L', 1],
  'ug/mL': ['mg/L', 1],
  kg: ['g', 1000],
  cm: ['m', 0.01],
  ms: ['s', 0.001],
};

/** Milliequivalents of a millimole, where a result comes in both. */
const valences: Partial<Record<LabTest, number>> = {
  potassium: 1,
  sodium: 1,
  magnesium: 2,
  'calcium-total': 2,
  'calcium-ionized': 2,
};

function otherUnitOf(code: string, test: LabTest | undefined): readonly [string, number] | undefined {
  const valence = test && valences[test];
  if (code === 'mmol/L' && valence !== undefined) return ['meq/L', valence];
  return Object.hasOwn(otherUnits, code) ? otherUnits[code] : undefined;
}

function reexpress(quantity: unknown, test: LabTest | undefined): unknown {
  if (!isObject(quantity) || typeof quantity.value !== 'number') return quantity;
  const code = asString(quantity.code) ?? asString(quantity.unit);
  const other = code === null ? undefined : otherUnitOf(code, test);
  if (!other || (quantity.unit !== undefined && quantity.unit !== code)) return quantity;
  const [unit, factor] = other;
  const value = Number((quantity.value * factor).toPrecision(12));
  return { ...quantity, value, unit, ...(quantity.code === undefined ? {} : { code: unit }) };
}

function reexpressPart(part: Json): Json {
  const test = labCodeOf(codingsOf(part.code))?.test;
  const { valueQuantity, referenceRange } = part;
  const inRange = (range: Json): Json => ({
    ...range,
    ...(range.low === undefined ? {} : { low: reexpress(range.low, test) }),
    ...(range.high === undefined ? {} : { high: reexpress(range.high, test) }),
  });
  return {
    ...part,
    ...(valueQuantity === undefined ? {} : { valueQuantity: reexpress(valueQuantity, test) }),
    ...(referenceRange === undefined ? {} : { referenceRange: asArray(referenceRange).map(inRange) }),
  };
}

/** Who speaks, and how strongly: a value and its limit are told in the unit in which the value came. */
const speakersOf = (card: string): string =>
  [card.slice(0, card.indexOf(':')), ...(card.match(/Rule [A-Z]{2}-\d{3}/g) ?? [])].join(' ');

const unitsReexpressed: Transformation = {
  name: 'units of results re-expressed',
  retell: (input) => ({
    input: mapResources(input, (resource) =>
      resource.resourceType === 'Observation'
        ? {
            ...reexpressPart(resource),
            ...(resource.component === undefined
              ? {}
              : { component: asArray(resource.component).map(reexpressPart) }),
          }
        : resource,
    ),
  }),
  level: inCards(speakersOf),
  reasons: [
    {
      reason: 'a unit that contradicts the code is named as it came',
      allows: (line) => /contradicts LOINC/.test(line),
    },
  ],
};

// --- time ---------------------------------------------------------------------------------------------------

const instant = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const offsetMinutes = 5 * 60 + 30;

function atAnotherOffset(text: string): string {
  const match = instant.exec(text);
  if (!match) return text;
  const [, , seconds = ''] = match;
  const local = new Date(Date.parse(text) + offsetMinutes * 60_000).toISOString();
  return `${local.slice(0, 16)}${seconds}+05:30`;
}

const otherOffset: Transformation = {
  name: 'instants at another offset',
  retell: (input) => ({
    input: {
      ...input,
      ...mapStrings(
        { bundle: input.bundle, context: input.context, prefetch: input.prefetch },
        atAnotherOffset,
      ),
    } as Input,
  }),
  // The time on a card is the one that was stated.
  level: inCards((card) => card.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '(time)')),
};

/** Four years to the day, so that birthdays and leap days fall as they did. */
const shiftDays = 1461;
const fullDate = /^\d{4}-\d\d-\d\d(?=T|$)/;
const partialDate = /^\d{4}(-\d\d)?$/;

const moved = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

function hasPartialDate(value: unknown): boolean {
  let found = false;
  mapStrings(value, (text, key) => {
    if (key !== null && /date|time|start|end|on$|recorded|issued/i.test(key) && partialDate.test(text))
      found = true;
    return text;
  });
  return found;
}

const datesMoved: Transformation = {
  name: 'all dates moved by whole days',
  retell: (input) => {
    const { bundle, context, prefetch } = input;
    if (hasPartialDate([bundle, context, prefetch])) return null;
    const move = (text: string): string =>
      fullDate.test(text) && !Number.isNaN(Date.parse(text))
        ? moved(text.slice(0, 10), shiftDays) + text.slice(10)
        : text;
    return {
      input: { ...mapStrings({ ...input, name: '' }, move), name: input.name },
      restore: (text) => text.replace(/\b\d{4}-\d\d-\d\d\b/g, (day) => moved(day, -shiftDays)),
    };
  },
};

// --- other shapes -------------------------------------------------------------------------------------------

const requestStatus: Readonly<Record<string, string>> = {
  active: 'active',
  intended: 'active',
  completed: 'completed',
  stopped: 'stopped',
  'on-hold': 'on-hold',
};

function asRequest(statement: Json): Json {
  const { status, effectivePeriod, effectiveDateTime, dateAsserted, dosage, ...rest } = statement;
  const period =
    asObject(effectivePeriod) ?? (effectiveDateTime === undefined ? null : { start: effectiveDateTime });
  const steps = asArray(dosage).length > 0 ? asArray(dosage) : [{}];
  const bounded = steps.map((step) => {
    const timing = asObject(step.timing) ?? {};
    const repeat = asObject(timing.repeat) ?? {};
    return repeat.boundsPeriod !== undefined || !period
      ? step
      : { ...step, timing: { ...timing, repeat: { ...repeat, boundsPeriod: period } } };
  });
  return {
    ...rest,
    resourceType: 'MedicationRequest',
    status: requestStatus[String(status)],
    intent: 'order',
    ...(dateAsserted === undefined ? {} : { authoredOn: dateAsserted }),
    dosageInstruction: bounded,
  };
}

const canBeRequest = (resource: Json): boolean =>
  resource.resourceType === 'MedicationStatement' &&
  Object.hasOwn(requestStatus, String(resource.status)) &&
  resource.taken === undefined &&
  resource.wasNotTaken === undefined;

const statementAsRequest: Transformation = {
  name: 'statement as request',
  retell: (input) =>
    resourcesOf(input).some(canBeRequest)
      ? {
          input: mapResources(input, (resource) => (canBeRequest(resource) ? asRequest(resource) : resource)),
        }
      : null,
  level: ({ findings, notices, cards }) => {
    const renamedIn = (lines: readonly string[]): string[] =>
      lines.map((line) => line.replaceAll('MedicationRequest/', 'MedicationStatement/'));
    return { findings, notices: renamedIn(notices), cards: renamedIn(cards) };
  },
  reasons: [
    {
      reason: 'a request that is no draft is named at a hook about orders',
      allows: (line) => /order-not-draft/.test(line),
    },
  ],
};

const r5Changes: Readonly<Record<string, (resource: Json) => Json>> = {
  MedicationRequest: withCodeableReference,
  MedicationStatement: (resource) => ({
    ...withCodeableReference(resource),
    ...(['active', 'completed', 'intended'].includes(String(resource.status)) ? { status: 'recorded' } : {}),
  }),
  MedicationAdministration: ({ effectiveDateTime, effectivePeriod, ...rest }) => ({
    ...withCodeableReference(rest),
    ...(effectiveDateTime === undefined ? {} : { occurenceDateTime: effectiveDateTime }),
    ...(effectivePeriod === undefined ? {} : { occurencePeriod: effectivePeriod }),
  }),
  Encounter: ({ class: kind, period, ...rest }) => ({
    ...rest,
    ...(kind === undefined ? {} : { class: [{ coding: [kind].flat() }] }),
    ...(period === undefined ? {} : { actualPeriod: period }),
    ...(rest.status === 'finished' ? { status: 'completed' } : {}),
  }),
};

function withCodeableReference({ medicationCodeableConcept, medicationReference, ...rest }: Json): Json {
  if (medicationCodeableConcept === undefined && medicationReference === undefined) return rest;
  return {
    ...rest,
    medication:
      medicationCodeableConcept === undefined
        ? { reference: medicationReference }
        : { concept: medicationCodeableConcept },
  };
}

/** `completed` and `intended` are gone from R5: what is recorded says by its period whether it is over. */
const isR4 = (resource: Json): boolean =>
  Object.hasOwn(r5Changes, String(resource.resourceType)) &&
  !(resource.resourceType === 'MedicationStatement' && resource.status !== 'active') &&
  !(resource.resourceType === 'Encounter' && typeof resource.class === 'string');

const r4AsR5: Transformation = {
  name: 'R4 as R5',
  retell: (input) =>
    resourcesOf(input).some(isR4)
      ? {
          input: mapResources(input, (resource) =>
            isR4(resource) ? (r5Changes[String(resource.resourceType)]?.(resource) ?? resource) : resource,
          ),
        }
      : null,
};

// --- more and less ------------------------------------------------------------------------------------------

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const snomed = 'http://snomed.info/sct';
const active = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
};

/** One of each kind that no rule asks for. */
const unrelated = (subject: Json): Json[] => [
  {
    resourceType: 'Observation',
    id: 'unrelated-observation',
    status: 'final',
    subject,
    code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin' }] },
    effectiveDateTime: '2026-01-30T10:00:00Z',
    valueQuantity: { value: 13, unit: 'g/dL' },
  },
  {
    resourceType: 'Condition',
    id: 'unrelated-condition',
    clinicalStatus: active,
    subject,
    code: { coding: [{ system: snomed, code: '65966004', display: 'Fracture of forearm' }] },
  },
  {
    resourceType: 'MedicationStatement',
    id: 'unrelated-statement',
    status: 'active',
    subject,
    medicationCodeableConcept: { coding: [{ system: rxnorm, code: '161', display: 'acetaminophen' }] },
    dosage: [{ route: { text: 'oral' } }],
  },
  {
    resourceType: 'AllergyIntolerance',
    id: 'unrelated-allergy',
    clinicalStatus: active,
    patient: subject,
    category: ['food'],
    code: { text: 'peanut' },
  },
  {
    resourceType: 'Procedure',
    id: 'unrelated-procedure',
    status: 'completed',
    subject,
    code: { coding: [{ system: snomed, code: '80146002', display: 'Appendectomy' }] },
  },
  { resourceType: 'Immunization', id: 'unrelated-immunization', status: 'completed', patient: subject },
];

const subjectOf = (input: Input): Json | null => {
  const id = asString(input.context?.patientId)?.replace(/^Patient\//, '');
  if (id) return { reference: `Patient/${id}` };
  for (const resource of resourcesOf(input)) {
    const subject = asObject(resource.subject) ?? asObject(resource.patient);
    if (asString(subject?.reference)) return subject;
  }
  return null;
};

/** A kind of data that never came is not made to have come: that would say more. */
const kindsIn = (input: Input): ReadonlySet<unknown> =>
  new Set(resourcesOf(input).map(({ resourceType }) => resourceType));

const unrelatedAdded: Transformation = {
  name: 'an unrelated resource of each kind added',
  ofUsable: true,
  retell: (input) => {
    const subject = subjectOf(input);
    if (!subject) return null;
    const kinds = kindsIn(input);
    const added = unrelated(subject).filter(
      ({ resourceType }) =>
        kinds.has(resourceType) || resourceType === 'Immunization' || resourceType === 'Procedure',
    );
    const entries = added.map((resource) => ({ resource }));
    if (input.bundle) {
      if (input.bundle.resourceType !== 'Bundle' || !Array.isArray(input.bundle.entry)) return null;
      return { input: { ...input, bundle: { ...input.bundle, entry: [...input.bundle.entry, ...entries] } } };
    }
    const inPrefetch = mapEntries(input, (present, place) => {
      if (place !== 'prefetch') return present;
      const types = new Set(present.map(({ resource }) => asObject(resource)?.resourceType));
      return [...present, ...entries.filter(({ resource }) => types.has(resource.resourceType))];
    });
    return { input: inPrefetch };
  },
  reasons: [
    {
      reason: 'what names nobody, or a patient by another address, is said to be so',
      allows: (line) => /^[+-] subject-(missing|unclear) /.test(line),
    },
    {
      reason: 'what no rule uses is counted in a notice',
      allows: (line) => /^[+-] (resource-ignored|observation-not-used) /.test(line),
    },
  ],
};

const past = new Set(['completed', 'stopped', 'ended', 'on-hold']);
const isMeasuredByLaboratory = (resource: Json): boolean => {
  const code = labCodeOf(codingsOf(resource.code));
  return code !== null && labTests[code.test].laboratory;
};

/** Our key for it; null for what no key of ours asks for. */
function keyOf(resource: Json): string | null {
  const end = asString(asObject(resource.effectivePeriod)?.end);
  // What ends later is still taken, whatever its status says.
  const isPast = past.has(String(resource.status)) && !(end !== null && end > '2026-01-31');
  switch (resource.resourceType) {
    case 'Observation':
      return isMeasuredByLaboratory(resource) ? 'labs' : 'measured';
    case 'MedicationRequest':
      return isPast ? 'pastMedicationRequests' : 'medicationRequests';
    case 'MedicationStatement':
      return isPast ? 'pastMedicationStatements' : 'medicationStatements';
    case 'Condition':
      return 'conditions';
    case 'AllergyIntolerance':
      return 'allergies';
    case 'Medication':
      return 'medications';
    default:
      return null;
  }
}

const searchset = (resources: readonly Json[], addresses: ReadonlyMap<Json, unknown>): Json => ({
  resourceType: 'Bundle',
  type: 'searchset',
  // An id that comes twice is one result of two entries.
  total: new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`)).size,
  entry: resources.map((resource) => {
    const fullUrl = addresses.get(resource);
    return fullUrl === undefined ? { resource } : { fullUrl, resource };
  }),
});

const splitIntoPrefetch: Transformation = {
  name: 'one bundle split into prefetch keys',
  retell: (input) => {
    const { bundle } = input;
    if (!bundle || (bundle.type !== undefined && bundle.type !== 'collection')) return null;
    const resources = resourcesOf(input);
    const [patient, ...others] = resources.filter(({ resourceType }) => resourceType === 'Patient');
    const id = asString(patient?.id);
    const rest = resources.filter((resource) => resource !== patient);
    if (!id || others.length > 0 || rest.some((resource) => keyOf(resource) === null)) return null;
    const drafts = rest.filter((resource) => isDraft({ resource }));
    const byKey = Map.groupBy(
      rest.filter((resource) => !drafts.includes(resource)),
      (resource) => keyOf(resource) ?? '',
    );
    const addresses = new Map(
      asArray(bundle.entry).flatMap(({ resource, fullUrl }) =>
        isObject(resource) ? [[resource, fullUrl]] : [],
      ),
    );
    const answers = [...byKey].map(([key, list]) => [key, searchset(list, addresses)]);
    const { name, hook, at } = input;
    const context = { patientId: id, userId: 'Practitioner/1', draftOrders: searchset(drafts, addresses) };
    return { input: { name, hook, at, context, prefetch: { patient, ...Object.fromEntries(answers) } } };
  },
  reasons: [
    {
      reason: 'a key of what is taken does not answer for what is over, as a posted bundle does',
      allows: (line) => /^[+-] MG-017 /.test(line),
    },
    {
      reason: 'a posted bundle alone names orders that are no drafts',
      allows: (line) => /order-not-draft/.test(line),
    },
  ],
};

export const transformations: readonly Transformation[] = [
  permuted,
  renamed,
  doubled,
  resultsRepeated,
  unitsReexpressed,
  otherOffset,
  datesMoved,
  statementAsRequest,
  r4AsR5,
  unrelatedAdded,
  splitIntoPrefetch,
];
