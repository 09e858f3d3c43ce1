/** The proof that a decision is in the log, as an auditor checks it: RFC 6962. */
import { Problem } from '../http/outcome.ts';
import type { StoredDecision } from '../log/decision-log.ts';
import { decisionKey, nameOf } from '../log/keys.ts';
import type { Service } from './service.ts';

/**
 * That the record is in the log and the log was only added to: its leaf, the audit path to the root of the last
 * seal, and the path from an earlier seal to that one (`?since=`; by default the one that first covered it).
 * @throws Problem 409 when it is not sealed yet
 */
export async function proofOf(
  decision: StoredDecision,
  since: string | undefined,
  { sealer, settings }: Pick<Service, 'sealer' | 'settings'>,
) {
  const [leaf, seal] = await Promise.all([
    sealer.leafOf(nameOf(decisionKey(decision.tenant, decision.decisionId))),
    sealer.last(),
  ]);
  if (!leaf || !seal)
    throw new Problem(
      409,
      'business-rule',
      `this decision is chained, but not sealed yet: ask again in ${settings.sealInterval} seconds`,
    );
  const earlier = since === undefined ? leaf.seal : Number(since);
  const from = Number.isInteger(earlier) && earlier >= 1 ? await sealer.at(earlier) : null;
  if (!from) throw new Problem(400, 'value', '`since` must be the number of a seal');
  const { writer, seq, prevHash, hash } = decision;
  return {
    decisionId: decision.decisionId,
    record: { writer, seq, prevHash, hash },
    leaf: leaf.leaf,
    seal,
    inclusion: await sealer.inclusion(leaf.leaf, seal.size),
    consistency: { from, path: await sealer.consistency(from.size, seal.size) },
    algorithm:
      'RFC 6962 with SHA-256; the data of a leaf is the 32 bytes of the record hash; seals are signed with ECDSA P-256 over their canonical JSON (RFC 8785) without hash, keyId and signature',
    publicKey: await sealer.publicKey(),
  };
}
