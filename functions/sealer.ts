/** On AWS, every minute: seals what is new (log/sealer.ts). One at a time: the schedule does not overlap itself. */

import { serviceOnAws } from './host/aws.ts';
import type { Sealer } from './log/sealer.ts';

/** What is logged of a seal. */
export async function seal(sealer: Sealer): Promise<{ n: number; size: number } | null> {
  const seal = await sealer.seal();
  return seal ? { n: seal.n, size: seal.size } : null;
}

export const handler = serviceOnAws((service) => () => seal(service.sealer));
