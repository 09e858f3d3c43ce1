/** The auditor's own look is in the log before it is answered. */
import type { Access } from '../log/records.ts';
import type { Call } from './call.ts';
import { callerOf } from './caller-of.ts';
import type { Service } from './service.ts';

export interface AccessDetails {
  what: Access['what'];
  /** Which list or record: `/decisions`, `/fhir/AuditEvent`. */
  path: string;
  decisionId?: string;
  /** Without the patient. */
  filter?: Record<string, string>;
  /** Bare id; kept as a keyed hash, in the index only. */
  patient?: string | null;
  count: number;
}

/** @throws LogUnavailable when it could not be recorded: then nothing may be shown */
export async function recordAccess(call: Call, service: Service, looked: AccessDetails): Promise<void> {
  const { tenant, client, token } = await callerOf(call, service);
  const access: Access = {
    schema: 'epsom.access/1',
    tenant,
    client,
    user: token?.subject ?? null,
    what: looked.what,
    path: looked.path,
    address: addressOf(call),
    decisionId: looked.decisionId ?? null,
    filter: looked.filter ?? {},
    count: looked.count,
    at: service.now().toISOString(),
  };
  await service.log.addAccess(access, looked.patient ?? null, service.newId());
}

/** As the TCP connection has it, or API Gateway; null where neither says. */
function addressOf(call: Call): string | null {
  const context = call.env?.event?.requestContext;
  if (context && 'http' in context) return context.http.sourceIp;
  const socket = (call.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return socket?.socket?.remoteAddress ?? null;
}
