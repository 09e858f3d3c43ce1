/**
 * Reads FHIR Bundles of any type into items, and notes for each kind of data how much of it came. Entries may be
 * responses, outcomes, deletions, nested bundles or nonsense.
 */

import type { Category, Completeness } from '../fhir/categories.ts';
import { type Hook, type HookMeaning, meaningOf } from '../fhir/hooks.ts';
import { asArray, asObject, asString, isObject, type Json, printableCode } from '../fhir/json.ts';
import { type Notice, type NoticeCode, notice } from '../fhir/notice.ts';
import { addressOf, normalReference } from '../fhir/reference.ts';
import { isRedacted } from './redaction.ts';
import { categoryOf, categoryOfKey, isDrugDefinition, typeOfKeyWithoutList } from './resource-category.ts';
import { readSearchedFor, type SearchedFor } from './searched-for.ts';
import type { IntakeItem } from './types.ts';
import { newestFirstUntil, type Unread, unreadOf, unreadUnder } from './unread.ts';

/** Where an item came from. */
export type Origin = IntakeItem['from'];

/** An item with what only the intake needs to know of it. */
export interface BundleItem extends IntakeItem {
  fullUrl: string | null;
  /** Where it stood, for messages. */
  place: string;
  /** It is of this moment because a request names it or it was posted: its versions are those of the record. */
  ofRecord?: true;
  /** The search it came in answer to, where that is known. */
  searchedFor?: SearchedFor;
}

/** An entry with the request DELETE. */
export interface Deletion {
  url: unknown;
  fullUrl: unknown;
  /** The number of items read before it said so: a history is newest first. 0 where the order says nothing. */
  after: number;
}

/** What earlier versions call it: DSTU2, whose orders the reference client drafts, and STU3. */
const namesInR4: Readonly<Record<string, string>> = {
  MedicationOrder: 'MedicationRequest',
  ProcedureRequest: 'ServiceRequest',
  DiagnosticOrder: 'ServiceRequest',
};

const completenessRank: Record<Completeness, number> = { absent: 0, partial: 1, known: 2 };

/** What the entries of one bundle held. */
interface Contents {
  types: Set<string>;
  categories: Set<Category>;
  /** Entries that `Bundle.total` counts: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.total */
  matches: number;
  /** Drugs that do not say whether they were included, and whether other entries say what they are. */
  drugs: number;
  saysMatches: boolean;
  /** An entry is an error, or could not be read. */
  failed: boolean;
}

/**
 * What has been read so far. Only adds: which of the items are used, and whose they are, `assembleIntake` decides.
 * Nothing throws; what cannot be read is a notice.
 * @example
 * const reader = new BundleReader('order-sign');
 * reader.addBundle({ resourceType: 'Bundle', entry: [{ resource: order }] }, 'draft', 'context.draftOrders');
 * reader.items[0]?.reference; // 'MedicationRequest/1'
 */
export class BundleReader {
  readonly hook: Hook;
  readonly meaning: HookMeaning;
  readonly items: BundleItem[] = [];
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
  /** What of them was not read, as far as more is known than that. */
  readonly unread: Unread[] = [];
  /** LOINC codes of searches for laboratory data that were narrowed to codes, and answered in full. */
  readonly codesAsked = new Set<string>();
  /** Whether measurements were asked for and answered, apart from results of a laboratory. */
  hasMeasurements = false;
  /** What bundles say was deleted. */
  readonly deletions: Deletion[] = [];

  constructor(hook: Hook = 'patient-view') {
    this.hook = hook;
    this.meaning = meaningOf(hook);
  }

  addNotice(code: NoticeCode, reference: string | null, message: string): void {
    this.notices.push(notice(code, reference, message));
  }

  /** More is known of this kind of data than was; never less. */
  raiseCompleteness(category: Category, to: Completeness): void {
    if (completenessRank[to] > completenessRank[this.completeness[category]])
      this.completeness[category] = to;
  }

  /**
   * @param fullUrl of its entry
   * @param place where it stood, for messages
   * @returns its type; null, with a notice, for what is no resource
   */
  addResource(resource: unknown, fullUrl: unknown, from: Origin, place: string): string | null {
    const type = isObject(resource) ? asString(resource.resourceType) : null;
    if (!isObject(resource) || type === null) {
      this.addNotice(
        'resource-malformed',
        null,
        `${place} is not a FHIR resource: it needs a \`resourceType\``,
      );
      return null;
    }
    if (type === 'Bundle') {
      this.addBundle(resource, from, place);
      return type;
    }
    const url = asString(fullUrl);
    const id = typeof resource.id === 'number' ? String(resource.id) : asString(resource.id);
    this.items.push({
      type: namesInR4[type] ?? type,
      resource,
      reference: id !== null ? `${type}/${id}` : (normalReference(url) ?? `${type} (${place})`),
      fullUrl: url,
      server: addressOf(url)?.server ?? null,
      place,
      from,
      selected: from === 'draft',
    });
    return type;
  }

  /** @param key of the prefetch; left out for a bundle that did not come under one */
  addBundle(bundle: Json, from: Origin, place: string, key?: string): void {
    const itemsBefore = this.items.length;
    const contents = this.#addEntries(bundle, from, place);
    if (from === 'draft' || from === 'entry') {
      this.#noteUnread(bundle, contents, place);
      return;
    }
    const searchedFor = readSearchedFor(bundle, key);
    if (searchedFor) for (const item of this.items.slice(itemsBefore)) item.searchedFor ??= searchedFor;
    // Of a posted bundle an unreadable entry may be anything; of an answer it is what was asked for.
    const isAnswer = from !== 'bundle' || bundle.type === 'searchset';
    const lack = lackOf(bundle, contents.matches, contents.failed && isAnswer);
    const covered = new Set<Category>([...(searchedFor?.categories ?? []), ...contents.categories]);
    if (lack !== null) {
      this.#markLacking(covered, `${place} ${lack}`);
      this.#noteUnreadPart(bundle, covered, contents.types, key);
    } else if (searchedFor) this.#markAnswered(searchedFor, key);
    if (answersMeasurements(searchedFor, key)) this.hasMeasurements = true;
    if (key === undefined) return;
    const isWithoutList = typeOfKeyWithoutList(key) !== undefined;
    const isOurs = isWithoutList || categoryOfKey(key) !== undefined;
    const isEmpty = contents.types.size === 0;
    // What it lacks stands for no list, so it was not marked above.
    if (lack !== null && isWithoutList && covered.size === 0) {
      this.addNotice('category-incomplete', null, `${place} ${lack}: what it lacks is unknown`);
      this.unread.push(...unreadUnder(key));
    }
    if (searchedFor && searchedFor.narrowedBy.length > 0) {
      if (isOurs || isEmpty) this.#noteNarrower(searchedFor, place);
    } else if (!isWithoutList && covered.size === 0 && isEmpty) {
      this.addNotice(
        'prefetch-unidentified',
        null,
        `${place} is empty and has no self link: name the key as in discovery, or keep the link`,
      );
    }
  }

  #noteUnreadPart(
    bundle: Json,
    categories: ReadonlySet<Category>,
    types: ReadonlySet<string>,
    key?: string,
  ): void {
    for (const category of categories) {
      const until = category === 'labs' ? newestFirstUntil(bundle) : null;
      const areDoses = category === 'pastMedications' && types.has('MedicationAdministration');
      this.unread.push({
        ...unreadOf(category, areDoses ? 'medicationAdministrations' : key),
        ...(until === null ? {} : { until }),
      });
    }
  }

  /** It answers another question than our template, although its key or its being empty may look like an answer. */
  #noteNarrower({ narrowedBy }: SearchedFor, place: string): void {
    // A name of their own may be anything, and digits may be those of a patient.
    const names = narrowedBy.map((name) =>
      /^[A-Za-z_.:-]{1,40}$/.test(name) ? `\`${name}\`` : 'a parameter',
    );
    this.addNotice(
      'category-incomplete',
      null,
      `${place} was narrowed by ${names.join(', ')}: known for what it holds, and no answer to what discovery asks`,
    );
  }

  /** What was ordered or entered this moment and could not be read: it was not checked, and that is said. */
  #noteUnread(bundle: Json, { failed, matches }: Contents, place: string): void {
    const isList = bundle.entry === undefined || (typeof bundle.entry === 'object' && bundle.entry !== null);
    const lack = isList
      ? (lackOf(bundle, matches, failed) ?? lackOfDrafts(bundle, matches))
      : 'has an `entry` that is no list';
    if (lack === null) return;
    this.incomplete.add(this.meaning.entered ?? 'orders');
    this.addUnchecked(null, `${place} ${lack}: what could not be read was not checked`);
  }

  /**
   * Something of this moment that no rule checked: a card says so.
   * @param why a clause about it
   */
  addUnchecked(reference: string | null, why: string): void {
    this.addNotice('order-unchecked', reference, why);
  }

  #addEntries(bundle: Json, from: Origin, place: string): Contents {
    const entries = Array.isArray(bundle.entry) ? bundle.entry : asArray(bundle.entry);
    const contents: Contents = {
      types: new Set(),
      categories: new Set(),
      matches: 0,
      drugs: 0,
      saysMatches: false,
      failed: false,
    };
    for (const [index, entry] of entries.entries()) {
      const entryPlace = `${place}.entry[${index}]`;
      if (!isObject(entry)) {
        contents.failed = true;
        this.addNotice('resource-malformed', null, `${entryPlace} is not an object`);
      } else if (asString(entry.resourceType) !== null && entry.resource === undefined) {
        // The resource itself where its entry belongs.
        this.#addEntry({ resource: entry }, from, entryPlace, contents);
      } else if (entry.resource === undefined) {
        if (!this.#readBareEntry(entry, entryPlace, from, bundle.type === 'history')) contents.failed = true;
      } else if (isObject(entry.resource) && entry.resource.resourceType === 'OperationOutcome') {
        if (!this.#readOutcome(entry.resource, entryPlace)) contents.failed = true;
      } else this.#addEntry(entry, from, entryPlace, contents);
    }
    if (!contents.saysMatches) contents.matches += contents.drugs;
    return contents;
  }

  #addEntry(entry: Json, from: Origin, place: string, contents: Contents): void {
    const { resource } = entry;
    const type = this.addResource(resource, entry.fullUrl, from, place);
    if (type) contents.types.add(type);
    else contents.failed = true;
    const category = type && isObject(resource) ? categoryOf(type, resource) : undefined;
    if (category) contents.categories.add(category);
    // Among entries that say what they match, a drug that says nothing was included.
    const mode = asObject(entry.search)?.mode;
    if (mode === 'match') contents.saysMatches = true;
    if (mode === undefined && type !== null && isDrugDefinition(type)) contents.drugs += 1;
    else if (mode !== 'include') contents.matches += 1;
  }

  /**
   * An entry without a resource: a deletion, a request, or how a server answered.
   * @returns false where data may be missing
   */
  #readBareEntry(entry: Json, place: string, from: Origin, isHistory: boolean): boolean {
    const request = asObject(entry.request);
    const response = asObject(entry.response);
    if (request?.method === 'DELETE') {
      this.deletions.push({
        url: request.url,
        fullUrl: entry.fullUrl,
        after: isHistory ? this.items.length : 0,
      });
      return true;
    }
    if (/^[45]/.test(asString(response?.status) ?? '')) {
      this.addNotice('prefetch-error', null, `${place} answers with an error status: data may be missing`);
      return false;
    }
    // Among what is ordered this moment, such an entry stands for an order that is not there.
    if ((response !== null || request !== null) && from !== 'draft' && from !== 'entry') return true;
    this.addNotice('resource-malformed', null, `${place} has no resource`);
    return false;
  }

  /** @returns false where it says that data may be missing */
  #readOutcome(outcome: Json, place: string): boolean {
    const lack = lackBy(outcome);
    if (lack !== null) {
      this.addNotice(
        'prefetch-error',
        null,
        `${place} is an OperationOutcome that ${lack}: data may be missing`,
      );
    }
    return lack === null;
  }

  #markLacking(categories: ReadonlySet<Category>, what: string): void {
    for (const category of categories) {
      this.incomplete.add(category);
      this.raiseCompleteness(category, 'partial');
      this.addNotice('category-incomplete', null, `${what}: what it lacks in ${category} is unknown`);
    }
  }

  /** An answer for some codes says nothing about the others; one since a day nothing of what lies before it. */
  #markAnswered({ categories, codes, since }: SearchedFor, key: string | undefined): void {
    // What lies before the first day asked for is unknown, of each code too.
    if (since === null) for (const code of codes ?? []) this.codesAsked.add(code);
    for (const category of categories) {
      this.raiseCompleteness(category, codes === null ? 'known' : 'partial');
      if (since !== null) this.unread.push({ ...unreadOf(category, key), until: since - 1, asked: true });
    }
  }
}

/**
 * Issue types by which something was left out of an answer, however severe the server calls that
 * (https://hl7.org/fhir/R4/valueset-issue-type.html). A parameter that was ignored (`not-supported`) leaves nothing out,
 * and `processing` and `informational` say nothing of it: so say servers that there are no results, and what every
 * answer of theirs says.
 */
const missingBy: ReadonlySet<string> = new Set(
  'security login unknown expired forbidden suppressed too-long too-costly incomplete transient lock-error no-store exception timeout throttled'.split(
    ' ',
  ),
);

/** What an OperationOutcome beside results says is missing of them, in words; null where nothing is. */
function lackBy(outcome: Json): string | null {
  const issues = asArray(outcome.issue);
  const named = (issue: Json): string => {
    const code = printableCode(issue.code);
    return code ? ` (issue code \`${code}\`)` : '';
  };
  const error = issues.find(({ severity }) => severity === 'error' || severity === 'fatal');
  if (error) return `reports an error${named(error)}`;
  const missing = issues.find(({ code }) => missingBy.has(asString(code) ?? ''));
  return missing ? `says that something was left out${named(missing)}` : null;
}

/** Our own question, or a search for every observation. */
const answersMeasurements = (searched: SearchedFor | null, key: string | undefined): boolean =>
  key === 'measurements' ||
  (searched?.type === 'Observation' && searched.codes === null && searched.ofLaboratory !== true);

/** Why an answer holds less than what was asked for, in words; null where it holds all of it. */
function lackOf(bundle: Json, matches: number, failed: boolean): string | null {
  if (asArray(bundle.link).some(({ relation, rel }) => relation === 'next' || rel === 'next')) {
    return 'has a further page that was not followed';
  }
  const { total, type } = bundle;
  if (typeof total === 'number' && type === 'searchset' && total > matches) {
    return `says there are ${total} results and holds ${matches}`;
  }
  if (isRedacted(bundle)) return 'is labelled as redacted';
  return failed ? 'holds an error' : null;
}

/** Members of a Bundle, and of every resource: https://hl7.org/fhir/R5/bundle.html */
const bundleMembers: ReadonlySet<string> = new Set(
  'resourceType id meta implicitRules language identifier type timestamp total link entry signature issues text extension'.split(
    ' ',
  ),
);

/** Why a Bundle of orders may hold more than what was read of it, in words. */
function lackOfDrafts(bundle: Json, matches: number): string | null {
  const { total } = bundle;
  if (typeof total === 'number' && total > matches) return `says there are ${total} and holds ${matches}`;
  const isOther = Object.entries(bundle).some(
    ([name, value]) => !bundleMembers.has(name) && !name.startsWith('_') && asArray(value).length > 0,
  );
  return isOther ? 'has members that no Bundle has, beside or instead of `entry`' : null;
}
