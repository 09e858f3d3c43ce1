/**
 * Checks what GET /decisions/{id}/proof answers, with nothing but the public key: that a seal of that key covers the
 * record, and that the log of an earlier seal was only added to since.
 */
import * as z from 'zod/mini';
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import { provesConsistency, provesInclusion } from '../../rules/digest/merkle.ts';
import { asString, type Json } from '../../rules/fhir/json.ts';
import { type Seal, sealHash, sealText } from './seal.ts';
import { isSigned } from './signer.ts';
import { bytesOf, leafOf } from './tree.ts';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const whole = z.number().check(z.int(), z.gte(0));
const seal = z.strictObject({
  schema: z.literal('epsom.seal/1'),
  n: whole,
  size: whole,
  root: hex,
  prevSealHash: z.nullable(digest),
  writerHeads: z.record(z.string(), z.strictObject({ seq: whole, hash: digest })),
  interval: z.strictObject({ from: z.nullable(z.string()), to: z.string() }),
  waiting: z.array(z.string()),
  hash: digest,
  keyId: z.string(),
  signature: z.string(),
});
const proof = z.object({
  decisionId: z.string(),
  record: z.object({ hash: digest }),
  leaf: whole,
  seal,
  inclusion: z.array(hex),
  consistency: z.object({ from: seal, path: z.array(hex) }),
});

export interface CheckedProof {
  decisionId: string;
  leaf: number;
  seal: Seal;
  from: Seal;
  /** What does not hold; empty when all does. */
  problems: string[];
}

/**
 * @param json the proof as it was answered
 * @param publicKey PEM, from elsewhere than the proof
 * @param record the decision as GET /decisions/{id} answers it, to see that the proof is about it
 * @throws Error when it is no proof
 */
export function checkProof(json: unknown, publicKey: string, record: Json | null): CheckedProof {
  const parsed = proof.safeParse(json);
  if (!parsed.success)
    throw new Error('this is no proof: save the whole answer of GET /decisions/{id}/proof');
  const { decisionId, leaf, seal: last, inclusion, consistency } = parsed.data;
  const { from } = consistency;
  const problems = [...sealProblems(last, publicKey), ...sealProblems(from, publicKey)];
  const leafHash = leafOf({ hash: parsed.data.record.hash });
  if (!provesInclusion(leafHash, leaf, last.size, inclusion.map(bytesOf), bytesOf(last.root)))
    problems.push(`the record is not leaf ${leaf} under the root of seal ${last.n}`);
  const [earlier, later] = [from, last].map(({ size, root }) => ({ size, root: bytesOf(root) }));
  if (!earlier || !later || !provesConsistency(earlier, later, consistency.path.map(bytesOf)))
    problems.push(`the log of seal ${last.n} does not begin with that of seal ${from.n}`);
  if (record) {
    if (asString(record.decisionId) !== decisionId) problems.push('the record is of another decision');
    if (headHashOf(record) !== parsed.data.record.hash)
      problems.push('the record does not have the hash that was sealed');
  }
  return { decisionId, leaf, seal: last, from, problems };
}

function sealProblems(given: Seal, publicKey: string): string[] {
  const { hash, keyId: _, signature, ...body } = given;
  return [
    ...(sealHash(body) === hash ? [] : [`seal ${given.n} does not have its hash`]),
    ...(isSigned(sealText(given), signature, publicKey)
      ? []
      : [`seal ${given.n} is not signed with this key`]),
  ];
}

/** Not hashed: the clinical part, to which `clinical` commits, and what is added on reading. */
const notInHead = new Set([
  'hash',
  'patient',
  'inputs',
  'missing',
  'notices',
  'chart',
  'presentation',
  'evaluations',
  'cards',
  'feedback',
  'related',
  'erased',
]);

/** The hash of a decision's head, from the decision as it is answered. */
export const headHashOf = (record: Json): string =>
  `sha256:${sha256(canonicalJson(Object.fromEntries(Object.entries(record).filter(([name]) => !notInHead.has(name)))))}`;
