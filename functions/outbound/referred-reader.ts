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

export type ReferredReader = ReturnType<typeof createReferredReader>;

/**
 * @param options.known references of all that came with the request
 * @param options.past as what a drug of past therapy is read; null: not at all
 */
export function createReferredReader(options: {
  client: Pick<FhirClient, 'read' | 'urlOf'>;
  known: ReadonlySet<string>;
  past: 'pastMedications' | null;
  unread: Pick<MissingData, 'add'>;
}) {
  const { client, past, unread } = options;
  /** References of all that came or was asked for. */
  const known = new Set(options.known);
  const counts: Record<ReferredKind, number> = { medications: 0, pastMedications: 0, dispatchedOrders: 0 };
  /** References beyond what is read of their kind; what is taken may refer to the same as what is over. */
  const beyond = new Map<string, ReferredKind>();
  const read: Record<Key, { fullUrl: string; resource: Json }[]> = { medications: [], dispatchedOrders: [] };
  /** Drugs of what was read: nobody waits for them but the end. */
  const underWay: Promise<void>[] = [];

  async function readReference(referred: Referred): Promise<void> {
    const { kind, reference } = referred;
    const target = targetOf(referred);
    if (target === null || known.has(target.name)) return;
    const { name, type, id } = target;
    if (counts[kind] >= kinds[kind].most) {
      beyond.set(name, kind);
      return;
    }
    known.add(name);
    counts[kind] += 1;
    if (!isFhirId(id) || (isAbsolute(reference) && !reference.startsWith(client.urlOf('').href))) {
      unread.add(kinds[kind].title, 'the reference leads to another server');
      return;
    }
    try {
      const resource = await client.read(type, id);
      read[keyOf(kind)].push({ fullUrl: client.urlOf(`${type}/${id}`).href, resource });
      beginReading(resource, 'medications');
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error;
      unread.add(kinds[kind].title, error.message);
    }
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
    read: readReference,
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
