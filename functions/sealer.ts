/** On AWS, every minute: seals what is new (log/sealer.ts). One at a time: the schedule does not overlap itself. */
import { readSettings } from './config/settings.ts';
import { createSealerOnAws } from './host/aws-sealer.ts';
import { connectOnce } from './host/lambda.ts';
import type { Sealer } from './log/sealer.ts';

/** @returns what is logged of a seal; null when another sealer was faster */
export async function sealOnce(sealer: Pick<Sealer, 'seal'>): Promise<{ n: number; size: number } | null> {
  const seal = await sealer.seal();
  return seal ? { n: seal.n, size: seal.size } : null;
}

export const handler = connectOnce(async () => {
  const sealer = createSealerOnAws(readSettings(process.env));
  return (_event: unknown) => sealOnce(sealer);
});
