/**
 * On AWS, every minute: projects what is new (log/projector.ts) and seals it (log/sealer.ts). One at a time: the
 * schedule does not overlap itself.
 */
import { readSettings } from './config/settings.ts';
import { createProjectorOnAws, createSealerOnAws } from './host/aws-sealer.ts';
import { connectOnce } from './host/lambda.ts';
import type { Projector } from './log/projector.ts';
import type { Sealer } from './log/sealer.ts';

/** @returns what is logged of a seal; null when nothing is new, or another sealer was faster */
export async function sealOnce(
  sealer: Pick<Sealer, 'seal'>,
  projector: Pick<Projector, 'projectAll'>,
): Promise<{ n: number; size: number } | null> {
  await projector.projectAll();
  const seal = await sealer.seal();
  return seal ? { n: seal.n, size: seal.size } : null;
}

export const handler = connectOnce(async () => {
  const settings = readSettings(process.env);
  const [sealer, projector] = [createSealerOnAws(settings), createProjectorOnAws(settings)];
  return (_event: unknown) => sealOnce(sealer, projector);
});
