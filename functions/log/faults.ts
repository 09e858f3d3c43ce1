/** What a verifier may find wrong in a log, and what it says of the whole. */

export type Fault =
  | 'seal-signature'
  | 'seal-hash'
  | 'seal-chain'
  | 'seal-missing'
  | 'seal-replaced'
  | 'seal-root'
  | 'seal-heads'
  | 'record-missing'
  | 'record-altered'
  | 'record-extra'
  | 'record-unsealed'
  | 'chain-broken';

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
  faults: LogFault[];
}

export type Counts = Omit<Report, 'ok' | 'seals' | 'faults'>;
