/** What a verifier may find wrong in a log, and what it says of the whole. */

export type Fault =
  // Seals, and the tree under them
  | 'seal-signature'
  | 'seal-hash'
  | 'seal-chain'
  | 'seal-missing'
  | 'seal-replaced'
  | 'seal-altered'
  | 'seal-root'
  | 'seal-heads'
  | 'tile-altered'
  // Records
  | 'record-missing'
  | 'record-altered'
  | 'record-extra'
  | 'record-unsealed'
  | 'record-time'
  | 'chain-broken'
  // What may leave
  | 'purge-refused'
  | 'purge-unfinished'
  | 'erasure-unfinished'
  // What follows from records, and notes
  | 'item-missing'
  | 'item-altered'
  | 'item-extra'
  | 'not-projected'
  // What records need
  | 'key-missing'
  | 'key-altered'
  | 'key-returned'
  | 'ruleset-missing'
  | 'ruleset-altered'
  | 'writer-missing'
  | 'claim-altered';

export interface LogFault {
  fault: Fault;
  /** Decision id, seal number or name of the item. */
  what: string;
  message: string;
}

/** Told of each fault where it is found. */
export type OnFault = (fault: Fault, what: string, message: string) => void;

export interface Report {
  ok: boolean;
  seals: number;
  records: number;
  /** Sealed, and every hash as it should be. */
  verified: number;
  /** Younger than two intervals: chained, but not sealed yet. */
  unsealed: number;
  /** Removed by a recorded purge. */
  purged: number;
  /** Clinical part gone, by a recorded purge; or never there. */
  withoutClinical: number;
  /** Records whose patient was erased. */
  erased: number;
  /** Records that waited in a spill: sealed later than they were made. */
  spilled: number;
  /** Items beside the records that were compared with what follows from these; 0 of an archive. */
  items: number;
  /** Records from which nothing is derived yet: younger than two intervals. */
  waiting: number;
  /** What was not checked, a sentence each. */
  notCovered: string[];
  faults: LogFault[];
}

export type Counts = Omit<Report, 'ok' | 'seals' | 'faults' | 'notCovered'>;

export const noCounts = (): Counts => ({
  records: 0,
  verified: 0,
  unsealed: 0,
  purged: 0,
  withoutClinical: 0,
  erased: 0,
  spilled: 0,
  items: 0,
  waiting: 0,
});
