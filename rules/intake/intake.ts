/**
 * What came: the resources of one patient out of a CDS Hooks request or a posted bundle, and for each kind of
 * data whether it was asked for at all. No clinical reading happens here; that is chart.ts.
 */

import type { Category, Completeness } from '../fhir/categories.ts';
import { type Hook, type HookMeaning, meaningOf } from '../fhir/hooks.ts';
import { asArray, asObject, asString, isObject, type Json, printableCode } from '../fhir/json.ts';
import { type Notice, notice } from '../fhir/notice.ts';
import { normalReference } from '../fhir/reference.ts';

export interface IntakeItem {
  type: string;
  resource: Json;
  /** `Observation/1`; the entry's fullUrl or its place in the bundle where it has no id. */
  reference: string;
  /**
   * `fetch`: read from the FHIR server by the edge, because the client had not sent it. `draft`: an order of this
   * moment, whatever its status. `entry`: a condition or allergy just entered.
   */
  from: 'prefetch' | 'fetch' | 'draft' | 'entry' | 'bundle';
  /** Among the orders the clinician is working on now. */
  selected: boolean;
}

export interface Intake {
  hook: Hook;
  /** Bare id; null where nothing says whose data it is. */
  patientId: string | null;
  items: IntakeItem[];
  /** LOINC codes that were asked for although laboratory data as a whole was not. */
  codesAsked: ReadonlySet<string>;
  /** Medication (and Substance) resources by every name a reference may use. */
  medications: ReadonlyMap<string, Json>;
  completeness: Record<Category, Completeness>;
  /** Categories of which a part is known to be missing, whatever else came of them. */
  incomplete: ReadonlySet<Category>;
  encounterId: string | null;
  notices: Notice[];
}

/** A request that cannot be evaluated at all. `status` and `message` go to the caller as an OperationOutcome. */
export class Refused extends Error {
  readonly status: 400 | 412;
  readonly code: string;
  constructor(status: 400 | 412, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the edge read from the FHIR server itself, because the client had not sent it. */
export interface GatheredData {
  /** By the key of the prefetch template, or `medications`, `dispatchedOrders`. */
  resources: Json;
  /** Keys that were asked for and not answered: what they would have held is unknown. */
  failed: readonly string[];
  notices: readonly Notice[];
}
const nothingGathered: GatheredData = { resources: {}, failed: [], notices: [] };

/** Fields by the name of the hook's page; hooks.ts says which hook has which. */
export type HookContext = Json;

const categoryOfType: Readonly<Record<string, Category>> = {
  Observation: 'labs',
  MedicationStatement: 'medications',
  MedicationRequest: 'medications',
  MedicationAdministration: 'pastMedications',
  MedicationDispense: 'pastMedications',
  Condition: 'conditions',
  AllergyIntolerance: 'allergies',
  Encounter: 'encounter',
};
const clinical = new Set([...Object.keys(categoryOfType), 'Patient', 'Medication', 'ServiceRequest']);

/** Therapy that was begun and is over, or halted: statuses of MedicationRequest and MedicationStatement. */
export const pastStatuses: ReadonlySet<string> = new Set(['completed', 'stopped', 'ended', 'on-hold']);

/** The kind of data a resource is; what is no draft order. */
export function categoryOf(type: string, resource: Json): Category | undefined {
  const category = Object.hasOwn(categoryOfType, type) ? categoryOfType[type] : undefined;
  if (category !== 'medications') return category;
  return pastStatuses.has(asString(resource.status) ?? '') ? 'pastMedications' : category;
}

/** Keys of our own prefetch templates, for answers that are `null` or empty and so carry no type. */
const categoryOfKey: Readonly<Record<string, Category>> = {
  labs: 'labs',
  medicationRequests: 'medications',
  medicationStatements: 'medications',
  pastMedicationRequests: 'pastMedications',
  pastMedicationStatements: 'pastMedications',
  conditions: 'conditions',
  allergies: 'allergies',
  encounter: 'encounter',
};

const completenessRank: Record<Completeness, number> = { absent: 0, partial: 1, known: 2 };

interface Found extends IntakeItem {
  fullUrl: string | null;
  /** The search it came in answer to, where that is known. */
  answer?: SearchedFor;
}

/** What DSTU2 calls a MedicationRequest; the reference client drafts it against its default server. */
const otherNames: Readonly<Record<string, string>> = { MedicationOrder: 'MedicationRequest' };

/** Of this moment: it comes from the context, not from the record. */
const isOfNow = ({ from }: IntakeItem): boolean => from === 'draft' || from === 'entry';

class BundleReader {
  readonly hook: Hook;
  readonly meaning: HookMeaning;
  constructor(hook: Hook = 'patient-view') {
    this.hook = hook;
    this.meaning = meaningOf(hook);
  }

  readonly found: Found[] = [];
  readonly notices: Notice[] = [];
  readonly completeness: Record<Category, Completeness> = {
    labs: 'absent',
    medications: 'absent',
    pastMedications: 'absent',
    orders: 'known',
    conditions: 'absent',
    allergies: 'absent',
    encounter: 'absent',
  };
  /** Categories of which a page, an answer or a part is known to be missing. */
  readonly incomplete = new Set<Category>();
  /** LOINC codes of searches for laboratory data that were narrowed to codes, and answered in full. */
  readonly codesAsked = new Set<string>();
  /** What a bundle says was deleted, with the number of resources found before it said so. */
  readonly deleted = new Map<string, number>();

  raise(category: Category, to: Completeness): void {
    if (completenessRank[to] > completenessRank[this.completeness[category]])
      this.completeness[category] = to;
  }

  add(resource: unknown, fullUrl: unknown, from: IntakeItem['from'], place: string): string | null {
    const type = isObject(resource) ? asString(resource.resourceType) : null;
    if (!isObject(resource) || type === null) {
      this.notices.push(
        notice('resource-malformed', null, `${place} is not a FHIR resource: it needs a \`resourceType\``),
      );
      return null;
    }
    if (type === 'Bundle') {
      this.bundle(resource, from, place);
      return type;
    }
    const url = asString(fullUrl);
    const id = typeof resource.id === 'number' ? String(resource.id) : asString(resource.id);
    this.found.push({
      type: otherNames[type] ?? type,
      resource,
      reference: id !== null ? `${type}/${id}` : (normalReference(url) ?? `${type} (${place})`),
      fullUrl: url,
      from,
      selected: from === 'draft',
    });
    return type;
  }

  /** Any Bundle type; entries may be responses, outcomes, nested bundles or nonsense. */
  bundle(bundle: Json, from: IntakeItem['from'], place: string, key?: string): void {
    const entries = Array.isArray(bundle.entry) ? bundle.entry : asArray(bundle.entry);
    const types = new Set<string>();
    const contents = new Set<Category>();
    const before = this.found.length;
    let matches = 0;
    let failed = false;
    for (const [index, entry] of entries.entries()) {
      const at = `${place}.entry[${index}]`;
      if (!isObject(entry)) {
        this.notices.push(notice('resource-malformed', null, `${at} is not an object`));
        failed = true;
        continue;
      }
      const request = asObject(entry.request);
      if (entry.resource === undefined) {
        if (request?.method === 'DELETE') {
          const target = normalReference(request.url) ?? normalReference(entry.fullUrl);
          if (target && !this.deleted.has(target)) this.deleted.set(target, this.found.length);
        } else if (/^[45]/.test(asString(asObject(entry.response)?.status) ?? '')) {
          failed = true;
          this.notices.push(
            notice('prefetch-error', null, `${at} answers with an error status: data may be missing`),
          );
        } else if (asObject(entry.response) === null && request === null) {
          failed = true;
          this.notices.push(notice('resource-malformed', null, `${at} has no resource`));
        }
        continue;
      }
      const resource = entry.resource;
      if (isObject(resource) && resource.resourceType === 'OperationOutcome') {
        if (isFailure(resource)) {
          failed = true;
          this.notices.push(
            notice(
              'prefetch-error',
              null,
              `${at} is an OperationOutcome that reports an error: data may be missing`,
            ),
          );
        }
        continue;
      }
      const type = this.add(resource, entry.fullUrl, from, at);
      if (type) types.add(type);
      else failed = true;
      const content = type && isObject(resource) ? categoryOf(type, resource) : undefined;
      if (content) contents.add(content);
      if (asObject(entry.search)?.mode !== 'include') matches += 1;
    }
    if (from === 'draft' || from === 'entry') {
      if (failed) this.incomplete.add(this.meaning.entered ?? 'orders');
      return;
    }
    // Of a posted bundle an unreadable entry may be anything; of an answer it is what was asked for.
    if (from === 'bundle' && bundle.type !== 'searchset') failed = false;
    const answer = askedFor(bundle, key);
    if (answer) for (const item of this.found.slice(before)) item.answer ??= answer;
    const asked = answer?.categories ?? [];
    const covered = new Set<Category>([...asked, ...contents]);
    const more = asArray(bundle.link).some((link) => link.relation === 'next' || link.rel === 'next');
    const short = typeof bundle.total === 'number' && bundle.type === 'searchset' && bundle.total > matches;
    for (const category of covered) {
      if (more || short || failed) {
        this.incomplete.add(category);
        this.raise(category, 'partial');
        const why = more
          ? 'has a further page that was not followed'
          : short
            ? `says there are ${bundle.total} results and holds ${matches}`
            : 'holds an error';
        this.notices.push(
          notice('category-incomplete', null, `${place} ${why}: what it lacks in ${category} is unknown`),
        );
      } else if (asked.includes(category)) {
        // Nothing found for some codes says nothing about the others; one result makes the category known.
        const narrow = answer?.codes && types.size === 0 ? answer.codes : null;
        for (const code of narrow ?? []) this.codesAsked.add(code);
        this.raise(category, narrow ? 'partial' : 'known');
      }
    }
    if (key !== undefined && covered.size === 0 && types.size === 0) {
      this.notices.push(
        notice(
          'prefetch-unidentified',
          null,
          `${place} is empty and has no self link: name the key as in discovery, or keep the link`,
        ),
      );
    }
  }
}

const isFailure = (outcome: Json): boolean =>
  asArray(outcome.issue).some((issue) => issue.severity === 'error' || issue.severity === 'fatal');

interface SearchedFor {
  categories: readonly Category[];
  codes: readonly string[] | null;
  /** Null where only our key says what was asked. */
  type: string | null;
  /** To some statuses of therapy: its kind of data is known by what was asked, not by what it holds. */
  narrowed?: boolean;
}

/** The code of a search token: https://hl7.org/fhir/R4/search.html#token */
const codeOfToken = (token: string): string => token.slice(token.lastIndexOf('|') + 1);

/**
 * What a search bundle was an answer to: by our own key, else by its self link. A search narrowed to other
 * things than ours (vital signs) is none; one narrowed to codes answers for those codes only, one narrowed to
 * statuses for the therapy that is taken, or for the one that is over.
 */
function askedFor(bundle: Json, key: string | undefined): SearchedFor | null {
  const ours = key !== undefined && Object.hasOwn(categoryOfKey, key) ? categoryOfKey[key] : undefined;
  for (const link of asArray(bundle.link)) {
    const url = link.relation === 'self' ? asString(link.url) : null;
    const match = url ? /(?:^|\/)([A-Z][A-Za-z]+)\?([^#]*)$/.exec(url) : null;
    if (!match) continue;
    const type = match[1] ?? '';
    const category = Object.hasOwn(categoryOfType, type) ? categoryOfType[type] : null;
    // What was given or handed out is no list of therapy, past or present: it is known for what it holds.
    if (!category || category === 'pastMedications') return null;
    // Under our key it is the answer to our template, which asks for all that the rules need.
    const parameters = new URLSearchParams(match[2] ?? '');
    const kind = parameters.get('category');
    if (category === 'labs' && kind !== null && !kind.includes('laboratory')) return null;
    const status = parameters.get('status') ?? parameters.get('clinical-status');
    const statuses = status?.split(',').map(codeOfToken) ?? null;
    if (category === 'medications') {
      const all = parameters.get('code') === null || ours !== undefined;
      return {
        categories: all ? therapyAnswered(statuses) : [],
        codes: null,
        type,
        narrowed: statuses !== null,
      };
    }
    if (category !== 'labs' && statuses && !statuses.includes('active')) return null;
    const code = parameters.get('code');
    const codes = code === null || category === ours ? null : code.split(',').map(codeOfToken);
    // Codes of other kinds of data are not ours to compare: such an answer is known for what it holds.
    if (codes && category !== 'labs') return null;
    return { categories: [category], codes, type };
  }
  return ours ? { categories: [ours], codes: null, type: null } : null;
}

/** Which lists of therapy a search of these statuses answers for; of all statuses where it names none. */
function therapyAnswered(statuses: readonly string[] | null): Category[] {
  if (!statuses) return ['medications', 'pastMedications'];
  const answered: Category[] = [];
  if (statuses.includes('active')) answered.push('medications');
  if (statuses.includes('completed') && statuses.includes('stopped')) answered.push('pastMedications');
  return answered;
}

/**
 * How far one prefetch value answers one of our prefetch templates, whatever its key is called. `part`: it is an
 * answer to it that lacks something, be it a further page or what an error stands for.
 * @param template its key in discovery, and its query with the tokens replaced
 */
export function answerTo(
  template: { key: string; query: string },
  key: string,
  value: unknown,
): 'whole' | 'part' | 'none' {
  if (value === null) return key === template.key ? 'whole' : 'none';
  if (!isObject(value)) return 'none';
  const [path = '', query] = template.query.split('?');
  const [type = '', id] = path.split('/');
  if (query === undefined) {
    const came =
      value.resourceType === 'Bundle' ? asArray(value.entry).map((entry) => entry.resource) : [value];
    const found = came.some(
      (resource) => isObject(resource) && resource.resourceType === type && (resource.id ?? id) === id,
    );
    return found ? 'whole' : 'none';
  }
  if (value.resourceType !== 'Bundle') return 'none';
  const gathering = new BundleReader();
  gathering.bundle(value, 'prefetch', 'prefetch', key);
  const whole = gathering.incomplete.size > 0 ? 'part' : 'whole';
  const wanted = Object.hasOwn(categoryOfKey, template.key) ? categoryOfKey[template.key] : undefined;
  if (wanted === undefined) return 'none';
  const asked = askedFor(value, key);
  if (asked) {
    // The therapy that is taken and the one that is over are two questions to the same type.
    if (!asked.categories.includes(wanted)) return 'none';
    if (key === template.key) return whole;
    const ours = new URLSearchParams(query).get('code')?.split(',') ?? [];
    const covered = asked.codes === null || ours.every((token) => asked.codes?.includes(codeOfToken(token)));
    return asked.type === type && covered ? whole : 'none';
  }
  // Without a self link only its content speaks. Some results, or therapies that are over, are not all; of the
  // rest, see `finish`.
  const named = asArray(value.link).some(({ relation }) => relation === 'self');
  const holds = gathering.found.some(
    (found) => found.type === type && categoryOf(type, found.resource) === wanted,
  );
  return holds && !named && wanted !== 'labs' && wanted !== 'pastMedications' ? whole : 'none';
}

const idPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

export const isFhirId = (id: string): boolean => idPattern.test(id);

/**
 * The bare id of the patient in context.
 * @throws Refused 400 when there is none, or none that can be an id
 */
export function patientIdOf(context: HookContext): string {
  const given = asString(context.patientId);
  if (given === null) {
    throw new Refused(
      400,
      'required',
      'the request needs `context.patientId`: the id of the patient in context',
    );
  }
  const patientId = given.startsWith('Patient/') ? given.slice('Patient/'.length) : given;
  if (!idPattern.test(patientId)) {
    throw new Refused(
      400,
      'value',
      '`context.patientId` is not a FHIR id: letters, digits, `-`, `.` and `_` only',
    );
  }
  return patientId;
}

/**
 * The resources of a CDS Hooks call. Prefetch values are used by their type, whatever their key is called.
 * Resources of another patient are left out, with a notice.
 * @param fetched what the edge read from the FHIR server beyond it
 * @throws Refused 400 when there is no usable `context.patientId` or the prefetched Patient is another one,
 *   412 when no patient data came at all.
 */
export function intakeOfHook(
  hook: Hook,
  context: HookContext,
  prefetch: unknown,
  fetched: GatheredData = nothingGathered,
): Intake {
  const patientId = patientIdOf(context);
  const gathering = new BundleReader(hook);
  gathering.notices.push(...fetched.notices);
  for (const key of fetched.failed) {
    const category = Object.hasOwn(categoryOfKey, key) ? categoryOfKey[key] : undefined;
    if (category) gathering.incomplete.add(category);
  }
  const sent = Object.entries(isObject(prefetch) ? prefetch : {});
  const entries = [
    ...sent.map(([key, value]) => ({ key, value, from: 'prefetch' as const })),
    ...Object.entries(fetched.resources).map(([key, value]) => ({ key, value, from: 'fetch' as const })),
  ];
  let came = 0;
  for (const { key, value, from } of entries) {
    const place = `${from === 'fetch' ? 'fetched' : 'prefetch'}.${printableCode(key) ?? '(key)'}`;
    const category = Object.hasOwn(categoryOfKey, key) ? categoryOfKey[key] : undefined;
    if (value === null) {
      came += 1;
      if (category) gathering.raise(category, 'known');
      else if (key !== 'patient') {
        gathering.notices.push(
          notice(
            'prefetch-unidentified',
            null,
            `${place} is null and its key is none of ours: nothing is known from it`,
          ),
        );
      }
    } else if (isObject(value) && value.resourceType === 'OperationOutcome') {
      if (category) gathering.incomplete.add(category);
      gathering.notices.push(
        notice(
          'prefetch-error',
          null,
          `${place} is an OperationOutcome instead of data: treated as not sent`,
        ),
      );
    } else if (isObject(value) && value.resourceType === 'Bundle') {
      // Definitions of drugs, read for the orders, are no data about the patient.
      if (from === 'prefetch' || category) came += 1;
      gathering.bundle(value, from, place, key);
    } else if (value !== undefined) {
      came += 1;
      gathering.add(value, null, from, place);
    }
  }
  const brought = readMoment(gathering, context);
  if (came === 0) {
    const tried = fetched.notices.map(({ message }) => `; ${message}`).join('');
    throw new Refused(
      412,
      'required',
      `no patient data came: send the prefetch that discovery asks for (patient, labs, medicationRequests, ...)${tried}`,
    );
  }
  for (const item of gathering.found) {
    if (item.type === 'Patient' && item.from === 'prefetch' && item.resource.id !== undefined) {
      if (String(item.resource.id) !== patientId) {
        throw new Refused(400, 'invalid', 'the prefetched Patient is not the one of `context.patientId`');
      }
    }
  }
  noteMissingContext(gathering, context, brought);
  if (hook === 'order-select') selectOrders(gathering, context.selections);
  if (gathering.meaning.names) takeNamedOrders(gathering, context[gathering.meaning.names]);
  const encounterId = gathering.meaning.encounterId === 'none' ? null : asString(context.encounterId);
  return finish(gathering, `Patient/${patientId}`, encounterId?.replace(/^Encounter\//, '') ?? null, false);
}

/**
 * The resources of this moment: a Bundle (with or without `type`), one resource, or one inside `resource`, as the
 * pages of the hooks and their examples have them.
 * @returns whether any came
 */
function readMoment(gathering: BundleReader, context: HookContext): boolean {
  const { brings, kind } = gathering.meaning;
  const from = kind === 'entry' ? 'entry' : 'draft';
  for (const field of brings) {
    const value = asObject(context[field]);
    if (!value) continue;
    const place = `context.${field}`;
    if (value.resourceType === 'Bundle' || value.entry !== undefined) gathering.bundle(value, from, place);
    else gathering.add(isObject(value.resource) ? value.resource : value, null, from, place);
    return true;
  }
  return false;
}

/** What the hook should have and did not come, each as a notice. */
function noteMissingContext(gathering: BundleReader, context: HookContext, brought: boolean): void {
  const { kind, brings, userId, encounterId } = gathering.meaning;
  const say = (message: string): void => {
    gathering.notices.push(notice('context-missing', null, message));
  };
  const [field] = brings;
  if (kind === 'order' && field && !brought) {
    gathering.completeness.orders = 'absent';
    say(`context.${field} did not come: no order could be checked`);
  }
  if (kind === 'entry' && !brought) say(`context.${field} did not come: nothing new could be checked`);
  if (userId === 'required' && asString(context.userId) === null) say('context.userId did not come');
  if (encounterId === 'required' && asString(context.encounterId) === null)
    say('context.encounterId did not come');
}

/** Orders that the context only names: those that came with the prefetch are the orders of this moment. */
function takeNamedOrders(gathering: BundleReader, named: unknown): void {
  const say = (message: string): void => {
    gathering.notices.push(notice('context-missing', null, message));
  };
  const field = `context.${gathering.meaning.names}`;
  const names = new Set((Array.isArray(named) ? named : []).flatMap((entry) => normalReference(entry) ?? []));
  if (names.size === 0) {
    gathering.completeness.orders = 'absent';
    say(`${field} did not come: no order could be checked`);
    return;
  }
  const missing = new Set(names);
  for (const item of gathering.found) {
    if (!names.has(item.reference)) continue;
    missing.delete(item.reference);
    item.from = 'draft';
    item.selected = true;
  }
  // Of other kinds of orders no rule asks.
  const lost = [...missing].filter(
    (name) => /^Medication(Request|Order)\//.test(name) || !name.includes('/'),
  );
  if (lost.length > 0) gathering.incomplete.add('orders');
  if (missing.size > 0) say(`${field} names ${missing.size} order(s) that did not come`);
}

/** Marks the orders that `context.selections` names; without usable selections all drafts count. */
function selectOrders(gathering: BundleReader, selections: unknown): void {
  const names = Array.isArray(selections) ? selections.flatMap((entry) => normalReference(entry) ?? []) : [];
  const drafts = gathering.found.filter((item) => item.from === 'draft' && item.type !== 'Medication');
  const known = new Set(
    names.filter((name) =>
      drafts.some((item) => item.reference === name || item.reference.endsWith(`/${name}`)),
    ),
  );
  if (known.size === 0) {
    if (drafts.length > 0) {
      gathering.notices.push(
        notice(
          'context-missing',
          null,
          'context.selections names none of the draft orders: all of them were checked',
        ),
      );
    }
    return;
  }
  if (known.size < names.length) {
    gathering.notices.push(
      notice(
        'context-missing',
        null,
        `context.selections names ${names.length - known.size} order(s) that did not come`,
      ),
    );
  }
  for (const item of drafts) {
    item.selected =
      known.has(item.reference) || [...known].some((name) => item.reference.endsWith(`/${name}`));
  }
}

/**
 * The resources of a posted bundle or bare resource, for one patient.
 * @throws Refused 400 for what is no FHIR resource we can use, an empty bundle, several patients without
 *   `patient`, or a `patient` that is not in it.
 */
export function intakeOfBundle(body: unknown, patient: string | null, hook: Hook = 'patient-view'): Intake {
  if (!isObject(body) || asString(body.resourceType) === null) {
    throw new Refused(
      400,
      'structure',
      'the body must be a FHIR resource: a JSON object with a `resourceType`',
    );
  }
  const gathering = new BundleReader(hook);
  if (body.resourceType === 'Bundle') {
    gathering.bundle(body, 'bundle', 'Bundle');
    if (gathering.found.length === 0) {
      throw new Refused(400, 'required', 'the Bundle holds no resource: add entries with a `resource`');
    }
  } else gathering.add(body, null, 'bundle', 'body');
  if (!gathering.found.some((item) => clinical.has(item.type))) {
    const type = printableCode(gathering.found[0]?.type) ?? 'resource';
    throw new Refused(
      400,
      'not-supported',
      `nothing to evaluate: ${type} is none of ${[...clinical].join(', ')}, nor a Bundle with one of them`,
    );
  }
  for (const item of gathering.found) {
    const orderable = item.type === 'MedicationRequest' || item.type === 'ServiceRequest';
    if (orderable && item.resource.status === 'draft') {
      item.from = 'draft';
      item.selected = true;
    }
    // A posted bundle does not say what is new in it: all of the kind is taken as just entered.
    const { entered } = gathering.meaning;
    if (entered && categoryOf(item.type, item.resource) === entered) item.from = 'entry';
  }
  return finish(gathering, choosePatient(gathering, patient), null, true);
}

const subjectOf = (item: IntakeItem): string | null =>
  normalReference(item.resource.subject) ?? normalReference(item.resource.patient);

/** Every name a reference may use for it. */
const namesOf = ({ reference, fullUrl }: Found): string[] =>
  [reference, fullUrl, normalReference(fullUrl)].filter((name) => name !== null);

/** Each Patient by every name it goes by, to one identity. */
function patientNames(found: readonly Found[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const item of found) {
    if (item.type !== 'Patient') continue;
    for (const name of namesOf(item)) names.set(name, item.reference);
  }
  return names;
}

const isPatientReference = (reference: string): boolean =>
  reference.startsWith('Patient/') || reference.startsWith('urn:');

/** How the patient is named in the bundle, see `patientNames`; null where nothing says whose data it is. */
function choosePatient(gathering: BundleReader, wanted: string | null): string | null {
  const names = patientNames(gathering.found);
  const patients = new Set(names.values());
  for (const item of gathering.found) {
    if (!Object.hasOwn(categoryOfType, item.type) && item.type !== 'ServiceRequest') continue;
    const subject = subjectOf(item);
    if (subject && isPatientReference(subject)) patients.add(names.get(subject) ?? subject);
  }
  if (wanted !== null) {
    const asked = wanted.includes('/') || wanted.startsWith('urn:') ? wanted : `Patient/${wanted}`;
    const chosen = names.get(asked) ?? asked;
    if (!patients.has(chosen)) {
      throw new Refused(400, 'not-found', 'the patient of `?patient=` is not in the bundle');
    }
    return chosen;
  }
  if (patients.size > 1) {
    throw new Refused(
      400,
      'multiple-matches',
      `the bundle is about ${patients.size} patients: say which one with \`?patient=<id>\``,
    );
  }
  const [only] = patients;
  return only ?? null;
}

/** The bare id of `Patient/1`, a urn as it is; null for a Patient that has neither. */
function bareId(identity: string | null): string | null {
  if (identity === null || identity.startsWith('urn:')) return identity;
  return identity.startsWith('Patient/') ? identity.slice('Patient/'.length) : null;
}

function newer(first: Json, second: Json): boolean {
  const [a, b] = [asString(asObject(first.meta)?.lastUpdated), asString(asObject(second.meta)?.lastUpdated)];
  if (a !== null && b !== null) return Date.parse(a) > Date.parse(b);
  const [one, other] = [Number(asObject(first.meta)?.versionId), Number(asObject(second.meta)?.versionId)];
  return one > other;
}

/**
 * Of two under one name: what the context brings wins over the record, else the newest does. A draft in a posted
 * bundle may be an older version of an order that was signed since.
 */
function replaces(item: IntakeItem, before: IntakeItem, posted: boolean): boolean {
  const later = newer(item.resource, before.resource);
  if (isOfNow(item) === isOfNow(before)) return later;
  if (posted && (later || newer(before.resource, item.resource))) return later;
  return isOfNow(item);
}

/**
 * One therapy that is over does not make a list: not of what is taken now, and of the past only in a posted
 * bundle, where a request or statement stands for all that there is. What was given or handed out never does.
 */
function raiseByPast(gathering: BundleReader, { type, from }: IntakeItem): void {
  const isList = from === 'bundle' && (type === 'MedicationRequest' || type === 'MedicationStatement');
  gathering.raise('pastMedications', isList ? 'known' : 'partial');
  if (isList) gathering.raise('medications', 'known');
}

/** Leaves out other patients, deleted and repeated resources, and indexes the medications. */
function finish(
  gathering: BundleReader,
  self: string | null,
  encounterId: string | null,
  posted: boolean,
): Intake {
  const { notices, completeness } = gathering;
  const names = patientNames(gathering.found);
  const medications = new Map<string, Json>();
  const kept = new Map<string, IntakeItem>();
  const ignored = new Map<string, number>();
  let position = 0;
  let subjectless = 0;
  for (const item of gathering.found) {
    position += 1;
    if (item.type === 'Medication' || item.type === 'Substance') {
      for (const name of namesOf(item)) medications.set(name, item.resource);
      continue;
    }
    if (!clinical.has(item.type)) {
      ignored.set(item.type, (ignored.get(item.type) ?? 0) + 1);
      continue;
    }
    if (item.type === 'Patient') {
      if (self !== null && item.reference !== self && names.get(self) !== item.reference) {
        notices.push(notice('other-patient', item.reference, 'another patient: left out'));
        continue;
      }
    } else {
      const subject = subjectOf(item);
      if (subject === null) subjectless += 1;
      else if (!subject.startsWith('#') && self !== null) {
        const whose = names.get(subject) ?? subject;
        if (whose !== self && whose !== names.get(self)) {
          notices.push(notice('other-patient', item.reference, `belongs to another subject: left out`));
          // An answer that mixes patients answers nothing: what it lacks of this one is unknown.
          const own = posted || item.from === 'draft' ? undefined : categoryOf(item.type, item.resource);
          if (own)
            for (const mixed of [own, ...(item.answer?.categories ?? [])]) gathering.incomplete.add(mixed);
          continue;
        }
      }
    }
    const removed = gathering.deleted.get(item.reference);
    if (removed !== undefined && removed < position) {
      notices.push(notice('resource-deleted', item.reference, 'the bundle says it was deleted: not used'));
      continue;
    }
    if (asArray(item.resource.modifierExtension).length > 0) {
      notices.push(
        notice(
          'resource-modified',
          item.reference,
          'has a modifierExtension that is not understood: not used',
        ),
      );
      const category = item.from === 'draft' ? 'orders' : categoryOf(item.type, item.resource);
      if (category) gathering.incomplete.add(category);
      continue;
    }
    // What was entered this moment says nothing about the rest of its kind.
    const isAlone = item.from === 'draft' || (item.from === 'entry' && !posted);
    const category = isAlone ? undefined : categoryOf(item.type, item.resource);
    if (category && item.answer?.narrowed) gathering.raise(category, 'partial');
    else if (category === 'pastMedications') raiseByPast(gathering, item);
    else if (category && category !== 'labs') gathering.raise(category, 'known');
    const before = kept.get(item.reference);
    if (before) {
      if (replaces(item, before, posted)) kept.set(item.reference, item);
      if (JSON.stringify(before.resource) !== JSON.stringify(item.resource)) {
        notices.push(
          notice(
            'resource-repeated',
            item.reference,
            'came more than once and differs: the newest version is used',
          ),
        );
      }
      continue;
    }
    kept.set(item.reference, item);
  }
  for (const [type, count] of ignored) {
    notices.push(
      notice(
        'resource-ignored',
        null,
        `${count} ${printableCode(type) ?? 'unknown'} resource(s): no rule uses them`,
      ),
    );
  }
  if (subjectless > 0 && self !== null) {
    notices.push(
      notice(
        'subject-missing',
        null,
        `${subjectless} resource(s) do not say whose they are: taken as this patient's`,
      ),
    );
  }
  for (const category of gathering.incomplete) {
    if (completeness[category] === 'known') completeness[category] = 'partial';
  }
  // Where therapy stands for orders, what is not known of it is not known of them.
  if (gathering.meaning.kind === 'entry') completeness.orders = completeness.medications;
  // What was just entered comes first: of two allergies that both matter it is the one to speak of.
  const items = [...kept.values()].sort((a, b) => Number(b.from === 'entry') - Number(a.from === 'entry'));
  if (posted && self === null) {
    notices.push(notice('patient-missing', null, 'nothing says which patient the data is about'));
  }
  return {
    hook: gathering.hook,
    patientId: bareId(self),
    items,
    medications,
    completeness,
    incomplete: gathering.incomplete,
    codesAsked: gathering.codesAsked,
    encounterId,
    notices,
  };
}
