/** Decisions and accesses as one list of AuditEvents, newest first, page by page. */
import type { AuditEvent } from 'fhir/r4.js';
import type { StoredDecision } from '../log/decision-log.ts';
import { placeOf } from '../log/keys.ts';
import type { Service } from '../service/service.ts';
import { accessEvent, decisionEvent } from './audit-event.ts';
import type { Search } from './search-parameters.ts';

export interface EventPage {
  place: string;
  event: AuditEvent;
  /** The decision it is about, where it is one. */
  decision: StoredDecision | null;
}

/** One source's part of a page: everything it has down to `next`, or to the end. */
interface Part {
  listed: EventPage[];
  next: string | null;
}

/** @param after place of the last one that was given before */
export async function listEvents(
  service: Service,
  tenant: string,
  search: Search,
  count: number,
  after: string | null,
): Promise<Part> {
  const parts = await Promise.all([
    decisionsOf(service, tenant, search, count, after),
    accessesOf(service, tenant, search, count, after),
  ]);
  // Below the place down to which every source was read, one of them may have more: not given yet.
  const horizon = parts.reduce(
    (highest, part) => (part.next !== null && part.next > highest ? part.next : highest),
    '',
  );
  const all = parts
    .flatMap((part) => part.listed)
    .sort((a, b) => (a.place > b.place ? -1 : 1))
    .filter(({ place }) => place >= horizon);
  const listed = all.slice(0, count);
  const isCut = all.length > count;
  const next = isCut ? (listed.at(-1)?.place ?? null) : horizon === '' ? null : horizon;
  return { listed, next };
}

async function decisionsOf(
  service: Service,
  tenant: string,
  search: Search,
  count: number,
  after: string | null,
): Promise<Part> {
  const { log } = service;
  const { baseUrl } = service.settings;
  const listed = (decision: StoredDecision): EventPage => ({
    place: placeOf(decision),
    event: decisionEvent(decision, baseUrl),
    decision,
  });
  const found = await listDecisions(log, tenant, search, count, after);
  return { listed: found.decisions.map(listed), next: found.next };
}

/** Decisions of a search; by id it is at most one, which must fit the rest of the search. */
export async function listDecisions(
  log: Service['log'],
  tenant: string,
  { decisionId, ...filter }: Search,
  count: number,
  after: string | null,
): Promise<{ decisions: StoredDecision[]; next: string | null }> {
  if (decisionId === undefined) {
    const page = await log.list(tenant, filter, count, after);
    return { decisions: await log.findAll(tenant, page.ids), next: page.next };
  }
  const { patient, client, from, to } = filter;
  const decision = await log.find(tenant, decisionId);
  const fits =
    decision !== null &&
    (patient === undefined || decision.patient === patient) &&
    (client === undefined || decision.client === client) &&
    (from === undefined || decision.decidedAt >= from) &&
    (to === undefined || decision.decidedAt <= to) &&
    (after === null || placeOf(decision) < after);
  return { decisions: fits ? [decision] : [], next: null };
}

async function accessesOf(
  service: Service,
  tenant: string,
  search: Search,
  count: number,
  after: string | null,
): Promise<Part> {
  const { accesses, next } = await service.log.listAccesses(tenant, search, count, after);
  return {
    listed: accesses.map((one) => ({
      place: one.place,
      event: accessEvent(one, service.settings.baseUrl, search.patient ?? null),
      decision: null,
    })),
    next,
  };
}
