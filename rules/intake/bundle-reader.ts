/**
 * Reads FHIR Bundles of any type into items, and notes for each kind of data how much of it came. Entries may be
 * responses, outcomes, deletions, nested bundles or nonsense.
 */

import type { Category, Completeness } from '../fhir/categories.ts';
import { type Hook, type HookMeaning, meaningOf } from '../fhir/hooks.ts';
import { asArray, asObject, asString, isObject, type Json } from '../fhir/json.ts';
import { type Notice, type NoticeCode, notice } from '../fhir/notice.ts';
import { addressOf, normalReference } from '../fhir/reference.ts';
import { lackBy, lackOf, lackOfDrafts } from './lacking.ts';
import {
  categoryOf,
  categoryOfKey,
  categoryOfType,
  isDrugDefinition,
  typeOfKey,
  typeOfKeyWithoutList,
} from './resource-category.ts';
import { selfSearchOf } from './search.ts';
import { type Question, readSearchedFor, type SearchedFor } from './searched-for.ts';
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

/** What an answer lacks, in words, of which kinds of data, where it stood, and what it held. */
interface Extent {
  lack: string | null;
  covered: ReadonlySet<Category>;
  place: string;
  types: ReadonlySet<string>;
}

/** What the entries of one bundle held. */
interface Contents {
  types: Set<string>;
  categories: Set<Category>;
  /** Entries that `Bundle.total` counts: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.total */
  matches: number;
  /** What each of them is called: pages that overlap bring one twice. */
  names: Set<string>;
  /** The type that was asked for, where that is known: others that do not say so are no matches. */
  asked: string | null;
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
  /** Those of them that came under our own key: the client uses our template, of this version or another. */
  readonly ourCodes = new Set<string>();
  /** Whether measurements were asked for and answered, apart from results of a laboratory. */
  hasMeasurements = false;
  /** What bundles say was deleted. */
  readonly deletions: Deletion[] = [];

  /** What was asked of whom, as far as that is known. */
  readonly #question: Question;
  /** Parts of kinds of data that an answer holds which was asked for less, and those that were answered as a whole. */
  readonly #lesser: { part: string; unread: Unread }[] = [];
  readonly #whole = new Set<string>();

  constructor(hook: Hook = 'patient-view', question: Question = {}) {
    this.hook = hook;
    this.meaning = meaningOf(hook);
    this.#question = question;
  }

  /** What answers that were asked for less leave unread, where no other answers for the whole. */
  get lesser(): Unread[] {
    return this.#lesser.filter(({ part }) => !this.#whole.has(part)).map(({ unread }) => unread);
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
    const contents = this.#addEntries(bundle, from, place, selfSearchOf(bundle)?.type ?? null);
    if (from === 'draft' || from === 'entry') {
      this.#noteUnread(bundle, contents, place);
      return;
    }
    const searchedFor = readSearchedFor(bundle, key, this.#question);
    if (searchedFor) for (const item of this.items.slice(itemsBefore)) item.searchedFor ??= searchedFor;
    // Of a posted bundle an unreadable entry may be anything; of an answer it is what was asked for.
    const isAnswer = from !== 'bundle' || bundle.type === 'searchset';
    const lack = lackOf(bundle, contents.matches, contents.failed && isAnswer);
    const covered = new Set<Category>([...(searchedFor?.categories ?? []), ...contents.categories]);
    if (lack !== null) {
      this.#markLacking(covered, `${place} ${lack}`);
      this.#noteUnreadPart(bundle, covered, contents, key);
    } else if (searchedFor) this.#markAnswered(searchedFor, key);
    if (searchedFor) this.#noteExtent(searchedFor, key, lack === null);
    else if (lack === null && key !== undefined && typeOfKeyWithoutList(key) !== undefined)
      this.#whole.add(key);
    if (answersMeasurements(searchedFor, key)) this.hasMeasurements = true;
    if (key !== undefined) this.#noteUnder(key, searchedFor, { lack, covered, place, types: contents.types });
  }

  /** What is to be said of an answer under a key, beside what it says of its kind of data. */
  #noteUnder(key: string, searchedFor: SearchedFor | null, { lack, covered, place, types }: Extent): void {
    const isWithoutList = typeOfKeyWithoutList(key) !== undefined;
    const isOurs = isWithoutList || categoryOfKey(key) !== undefined;
    // What it lacks stands for no list, so it was not marked with the others.
    if (lack !== null && isWithoutList && covered.size === 0) {
      this.addNotice('category-incomplete', null, `${place} ${lack}: what it lacks is unknown`);
      this.unread.push(...unreadUnder(key));
    }
    const narrower = key === 'labs' && searchedFor?.codes ? ['code'] : (searchedFor?.narrowedBy ?? []);
    if (narrower.length > 0) {
      if (isOurs || types.size === 0) this.#noteNarrower(narrower, place);
    } else if (!isWithoutList && covered.size === 0 && types.size === 0) {
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
    { types, failed }: Contents,
    key?: string,
  ): void {
    for (const category of categories) {
      // What an error or an outcome stands for may be of any time.
      const until = category === 'labs' && !failed ? newestFirstUntil(bundle) : null;
      const areDoses = category === 'pastMedications' && types.has('MedicationAdministration');
      this.unread.push({
        ...unreadOf(category, areDoses ? 'medicationAdministrations' : key),
        ...(until === null ? {} : { until }),
      });
    }
  }

  /** Keeps in mind for which parts of its kind of data it answers as a whole, or for less. */
  #noteExtent(searchedFor: SearchedFor, key: string | undefined, isWhole: boolean): void {
    const type = searchedFor.type ?? (key === undefined ? undefined : typeOfKey(key));
    if (type === undefined) return;
    const isLess =
      searchedFor.narrowedBy.length > 0 || (type === 'Observation' && isFewerCodes(searchedFor, key));
    for (const { part, unread } of partsOf(type, key, searchedFor)) {
      if (isLess) this.#lesser.push({ part, unread });
      else if (isWhole) this.#whole.add(part);
    }
  }

  /** It answers another question than our template, although its key or its being empty may look like an answer. */
  #noteNarrower(narrowedBy: readonly string[], place: string): void {
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
      ? (lackOf(bundle, matches, failed) ?? lackOfDrafts(bundle))
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

  #addEntries(bundle: Json, from: Origin, place: string, asked: string | null = null): Contents {
    const entries = Array.isArray(bundle.entry) ? bundle.entry : asArray(bundle.entry);
    const contents: Contents = {
      types: new Set(),
      categories: new Set(),
      matches: 0,
      names: new Set(),
      asked,
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
    const isOther = contents.asked !== null && type !== null && type !== contents.asked;
    if (mode === 'include' || (mode === undefined && isOther)) return;
    if (mode === undefined && type !== null && isDrugDefinition(type)) contents.drugs += 1;
    else if (isNew(contents, entry)) contents.matches += 1;
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
    if (since === null) {
      for (const code of codes ?? []) {
        this.codesAsked.add(code);
        if (key === 'labs') this.ourCodes.add(code);
      }
    }
    for (const category of categories) {
      this.raiseCompleteness(category, codes === null ? 'known' : 'partial');
      if (since !== null) this.unread.push({ ...unreadOf(category, key), until: since - 1, asked: true });
    }
  }
}

/** Under a key that asks for no list, codes are those of our template. */
const isFewerCodes = ({ codes }: SearchedFor, key: string | undefined): boolean =>
  codes !== null && (key === undefined || typeOfKeyWithoutList(key) === undefined);

/** The parts of a kind of data that a search is about, each with what is unread where it is asked for less. */
function partsOf(
  type: string,
  key: string | undefined,
  { categories, ofLaboratory }: SearchedFor,
): { part: string; unread: Unread }[] {
  if (type === 'Observation') {
    const keys =
      key === 'labs' || key === 'measurements' ? [key] : ofLaboratory ? ['labs'] : ['labs', 'measurements'];
    return keys.map((one) => ({ part: one, unread: unreadOf('labs', one) }));
  }
  const ours = key === undefined ? undefined : categoryOfKey(key);
  const category = ours ?? categoryOfType(type);
  if (category === undefined) return unreadUnder(key ?? '').map((unread) => ({ part: key ?? type, unread }));
  const about = categories.length > 0 ? categories : [category];
  return about.map((one) => ({ part: `${type} ${one}`, unread: unreadOf(one, key) }));
}

/** Whether nothing of its name came before; what has neither an id nor an address is always new. */
function isNew({ names }: Contents, { fullUrl, resource }: Json): boolean {
  const { resourceType, id } = asObject(resource) ?? {};
  const [type, own] = [asString(resourceType), asString(id)];
  const name = type && own ? `${type}/${own} ${addressOf(fullUrl)?.server ?? ''}` : asString(fullUrl);
  if (name === null) return true;
  if (names.has(name)) return false;
  names.add(name);
  return true;
}

/** Our own question, or a search for every observation. */
const answersMeasurements = (searched: SearchedFor | null, key: string | undefined): boolean =>
  (searched?.narrowedBy.length ?? 0) === 0 &&
  (key === 'measurements' ||
    (searched?.type === 'Observation' && searched.codes === null && searched.ofLaboratory !== true));
