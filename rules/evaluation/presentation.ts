/**
 * How findings are shown to one client at one moment: its profile, the rules it has switched off, how many cards
 * it wants at most, and what its clinician overrode before. It changes what is shown, never what was found, and
 * it is kept in the decision record, so that a replay gives the same bytes.
 *
 * Order: a rule that is switched off says nothing. Then a finding that another shown one says better is hidden. Then
 * findings of one danger become one card. Then a card that was overridden is withheld. Then what is over the limit is
 * held back, and one card says how much.
 */
import type { Indicator } from '../rule/severity.ts';
import type { Fingerprint } from './fingerprint.ts';

/** Kinds of EHR: what each does otherwise with a card is in cards/profiles.ts. */
export const profileNames = ['generic', 'epic', 'cerner'] as const;
export type ProfileName = (typeof profileNames)[number];

/** One override, as the decision log has it. */
export interface PastOverride {
  rule: string;
  /** When, RFC 3339 UTC. */
  at: string;
  /** Code of `urn:epsom:override-reason`. */
  reason: string;
  /** Reference of the clinician, `Practitioner/1`. */
  by: string | null;
  /** Of the evaluation that was overridden. */
  fingerprint: Fingerprint;
  /** All rules that its card listed; left out: it stood alone. */
  listed?: readonly string[];
}

/** Units a client may ask for (clinical decision 45): its cards then speak in mmol/L and µmol/L. */
export const readerUnits = ['si'] as const;
export type ReaderUnits = (typeof readerUnits)[number];

export interface Presentation {
  profile: ProfileName;
  /** Left out: each result in the unit in which it was reported. */
  units?: ReaderUnits;
  /** Ids of rules this client has switched off: evaluated and recorded, never shown, and no check is missed. */
  rulesOff: readonly string[];
  /** Most cards with findings shown of each indicator; one that is not named is not limited. */
  limit: Partial<Readonly<Record<Indicator, number>>> | null;
  /** How long an override with a durable reason withholds its finding, and whether a critical one, too. */
  withhold: { days: number; critical: boolean } | null;
  /** What this clinician overrode for this patient; the caller looks it up. */
  overridden: readonly PastOverride[];
}

/** Everything is shown. */
export const showAll: Presentation = {
  profile: 'generic',
  rulesOff: [],
  limit: null,
  withhold: null,
  overridden: [],
};
