/** Which tests mutants of the pure ring are shown to: those that call it directly, and do not walk the whole library. */
export const suites = {
  include: ['test/rules/**/*.test.ts'],
  exclude: [
    // They walk the whole library.
    'test/rules/cards/every-case.test.ts',
    'test/rules/evaluation/both-evaluators.test.ts',
    'test/rules/library/{library,outcomes,rule-mutants,versions,catalogue,not-covered}.test.ts',
    // It compiles the sources, which a mutant has changed.
    'test/rules/facts/definition.test.ts',
  ],
};
