/**
 * Name and version of the engine: the code that turns a chart into outcomes and cards. Part of the ruleset's digest
 * and of every record. It is raised when any case of the library comes out otherwise than before; a test holds the
 * outcomes of all cases to it (rules/library/outcomes.json, written by `npm run rule:lock`).
 */
export const engine = { name: 'epsom', version: '0.2.0' } as const;
