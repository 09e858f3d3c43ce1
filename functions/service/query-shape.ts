/** How the FHIR server of a caller is asked: by the profile of the client, unless its entry in the registry says otherwise. */
import type { QueryShape } from '../../rules/evaluation/query-shape.ts';
import type { Caller } from '../trust/caller.ts';
import type { Client } from '../trust/registry.ts';

/**
 * `_sort` is not among the parameters that Epic (fhir.epic.com) and Oracle Health list for Observation; `date` and
 * `_count` are; `combo-code` is not, nor is `_include` of Oracle Health. That was taken from their public pages as far as they could be read, and tried on no live system.
 */
const byProfile: Readonly<Record<Client['profile'], QueryShape>> = {
  generic: { sort: true, count: true, since: false, combo: true, include: true },
  epic: { sort: false, count: true, since: true, combo: false, include: true },
  cerner: { sort: false, count: true, since: true, combo: false, include: false },
};

export const queryShapeOf = ({ profile, registered }: Pick<Caller, 'profile' | 'registered'>): QueryShape => {
  const { sort, count, since, combo, include } = byProfile[profile];
  const own = registered?.prefetch;
  return {
    sort: own?.sort ?? sort,
    count: own?.count ?? count,
    since: own?.since ?? since,
    combo: own?.combo ?? combo,
    include: own?.include ?? include,
  };
};
