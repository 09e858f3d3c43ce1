/** Reading resources that are only referred to: each once, each kind up to a number, from the request's own server. */
import type { Json } from '../../rules/fhir/json.ts';
import { normalReference } from '../../rules/fhir/reference.ts';
import { isFhirId } from '../../rules/intake/identity.ts';
import { collectionOf, resourcesOf } from './bundle.ts';
import type { FhirClient } from './fhir-client.ts';
import { type MissingData, ReadFailed } from './missing-data.ts';
import { medicationOf, type Referred, type ReferredKind } from './references.ts';

/** How many are read of each kind, and how notices name it. */
const kinds: Readonly<Record<ReferredKind, { most: number; title: string }>> = {
  medications: { most: 40, title: 'Medication resources' },
  pastMedications: { most: 40, title: 'Medication resources of past therapy' },
  dispatchedOrders: { most: 20, title: 'dispatched orders' },
};

/** Under which key of the answer a kind stands: drugs of past therapy are drugs. */
type Key = 'medications' | 'dispatchedOrders';
const keyOf = (kind: ReferredKind): Key => (kind === 'dispatchedOrders' ? kind : 'medications');
const typesOf: Readonly<Record<Key, readonly string[]>> = {
  medications: ['Medication'],
  dispatchedOrders: ['MedicationRequest', 'ServiceRequest'],
};

/** What a reference names, where it is one of the types of its kind. */
function targetOf({ kind, reference }: Referred): { name: string; type: string; id: string } | null {
  const name = normalReference(reference);
  const [type = '', id = ''] = name?.split('/') ?? [];
  return name !== null && typesOf[keyOf(kind)].includes(type) ? { name, type, id } : null;
}

const isAbsolute = (reference: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(reference);

interface Target {
  kind: ReferredKind;
  name: string;
  type: string;
  id: string;
}

const nameOf = ({ resourceType, id }: Json): string => `${resourceType}/${id}`;

export type ReferredReader = ReturnType<typeof createReferredReader>;

/**
 * @param options.known references of all that came with the request
 * @param options.past as what a drug of past therapy is read; null: not at all
 * @param options.findOrders searches requests by their ids; what it does not find is read one by one
 */
export function createReferredReader(options: {
  client: Pick<FhirClient, 'read' | 'urlOf'>;
  known: ReadonlySet<string>;
  past: 'pastMedications' | null;
  unread: Pick<MissingData, 'add'>;
  findOrders: (ids: readonly string[]) => Promise<readonly Json[]>;
}) {
  const { client, past, unread, findOrders } = options;
  /** References of all that came or was asked for. */
  const known = new Set(options.known);
  const counts: Record<ReferredKind, number> = { medications: 0, pastMedications: 0, dispatchedOrders: 0 };
  /** References beyond what is read of their kind; what is taken may refer to the same as what is over. */
  const beyond = new Map<string, ReferredKind>();
  const read: Record<Key, { fullUrl: string; resource: Json }[]> = { medications: [], dispatchedOrders: [] };
  /** Drugs of what was read: nobody waits for them but the end. */
  const underWay: Promise<void>[] = [];

  /** What is to be read for a reference, now that it is counted; null for nothing. */
  function admit(referred: Referred): Target | null {
    const { kind, reference } = referred;
    const target = targetOf(referred);
    if (target === null || known.has(target.name)) return null;
    const { name, id } = target;
    if (counts[kind] >= kinds[kind].most) {
      beyond.set(name, kind);
      return null;
    }
    known.add(name);
    counts[kind] += 1;
    if (!isFhirId(id) || (isAbsolute(reference) && !reference.startsWith(client.urlOf('').href))) {
      unread.add(kinds[kind].title, 'the reference leads to another server');
      return null;
    }
    return { kind, ...target };
  }

  const keep = (key: Key, name: string, resource: Json): void => {
    read[key].push({ fullUrl: client.urlOf(name).href, resource });
  };

  async function readTarget({ kind, name, type, id }: Target): Promise<void> {
    try {
      const resource = await client.read(type, id);
      keep(keyOf(kind), name, resource);
      beginReading(resource, 'medications');
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error;
      unread.add(kinds[kind].title, error.message);
    }
  }

  async function readReference(referred: Referred): Promise<void> {
    const target = admit(referred);
    if (target) await readTarget(target);
  }

  /** Takes of a search what was asked for, and the drugs of that: a server may answer with anything. */
  async function searchOrders(targets: readonly Target[]): Promise<void> {
    const found = await findOrders(targets.map(({ id }) => id));
    const byName = new Map(found.map((resource) => [nameOf(resource), resource] as const));
    const orders = targets.map(({ name }) => byName.get(name)).filter((order) => order !== undefined);
    for (const order of orders) {
      keep('dispatchedOrders', nameOf(order), order);
      const drug = medicationOf(order, 'medications');
      const name = normalReference(drug?.reference) ?? '';
      const medication = drug && targetOf(drug) ? byName.get(name) : undefined;
      if (medication && !known.has(name)) {
        known.add(name);
        keep('medications', name, medication);
      } else beginReading(order, 'medications');
    }
    await Promise.all(targets.filter(({ name }) => !byName.has(name)).map(readTarget));
  }

  /** Begins to read the drugs that requests and statements in an answer only refer to. */
  function beginReading(answer: Json, pastKind: 'medications' | 'pastMedications' | null = past): void {
    const came = resourcesOf(answer);
    for (const { resource, reference } of came) {
      if (reference && resource.resourceType === 'Medication') known.add(reference);
    }
    for (const { resource } of came) {
      const referred = medicationOf(resource, pastKind);
      if (referred === null) continue;
      const reading = readReference(referred);
      // It is awaited at the end; until then its failure must not be an unhandled one.
      reading.catch(() => undefined);
      underWay.push(reading);
    }
  }

  return {
    /** Reads one that is only referred to. */
    read: readReference,

    /** Reads orders that are only named: requests in one search, with their drugs. */
    async readOrders(orders: readonly Referred[]): Promise<void> {
      const targets = orders.flatMap((one) => admit(one) ?? []);
      const requests = targets.filter(({ type }) => type === 'MedicationRequest');
      const others = targets.filter(({ type }) => type !== 'MedicationRequest');
      await Promise.all([
        ...(requests.length > 0 ? [searchOrders(requests)] : []),
        ...others.map(readTarget),
      ]);
    },

    beginReading: (answer: Json): void => beginReading(answer),

    /** Waits for what was begun. @returns what was read, by key */
    async done(): Promise<Partial<Record<Key, Json>>> {
      // A definition leads to no further one: what is read by now is all.
      await Promise.all(underWay);
      for (const [name, kind] of beyond) {
        if (!known.has(name)) unread.add(kinds[kind].title, `no more than ${kinds[kind].most} are read`);
      }
      return {
        ...(read.dispatchedOrders.length > 0
          ? { dispatchedOrders: collectionOf(read.dispatchedOrders) }
          : {}),
        ...(read.medications.length > 0 ? { medications: collectionOf(read.medications) } : {}),
      };
    },
  };
}
