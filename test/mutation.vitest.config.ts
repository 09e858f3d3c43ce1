/**
 * The tests that mutants of the pure ring are shown to: those that call it directly. No server, no browser, no
 * corpus, and none of the suites that walk the whole rule library, so that a run is feasible on one core.
 */
import { statSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { suites } from './mutation/suites.ts';

// Away from UTC, so that a date read in the zone of the machine is noticed.
process.env.TZ = 'America/New_York';

/** A mutant is dead at the first test that fails: the small files, which know one module, are asked first. */
class SmallestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => statSync(a.moduleId).size - statSync(b.moduleId).size);
  }
}

export default defineConfig({
  test: {
    ...suites,
    testTimeout: 30_000,
    maxWorkers: 1,
    // One worker for the files of one mutant: most of the time of a mutant is the start of workers.
    isolate: false,
    sequence: { sequencer: SmallestFirst },
  },
});
