import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first: begun last, one of these would run alone at the end. Vitest's own order is by the size of the file. */
const LONGEST = ['conformance/long-lived', 'conformance/fresh', 'simulation/world', 'conformance/memory', 'net/sync'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * Tests of modules that keep nothing between calls: one process runs many of these files, and loads what they import once. A process for each would take
 * three times as long. Every other file has its own: stores, spies on modules, sockets and disks do not mix.
 */
const STATELESS = ['renderer/{app,hints,lib,present,stage,styles}', 'node/{consensus,mempool,primitives,settings,util}'].map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'stateless', include: STATELESS, isolate: false } },
      { extends: true, test: { name: 'isolated', include: ['test/**/*.test.{ts,tsx}'], exclude: STATELESS } },
    ],
    environment: 'node',
    // Processes, not threads: the node's tests start worker threads and load a native store of their own.
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    // A test run that finds no test is a mistake, not a success.
    passWithNoTests: false,
    restoreMocks: true,
  },
});
