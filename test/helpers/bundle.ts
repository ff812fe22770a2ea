import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Bundle {
  /** Path of the built file for an entry name. */
  file: (name: string) => string;
  remove: () => Promise<void>;
}

/**
 * Builds entries of `src` as the real build does: one ES module each, for Node, with the packages left outside. Worker threads and child
 * processes cannot read TypeScript on every Node that we support.
 * @param entries name → path below the root of the project
 */
export async function bundle(entries: Record<string, string>): Promise<Bundle> {
  // Inside the project, so that the packages are found from there.
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-test-')).catch(() => mkdtemp(join(tmpdir(), 'chainscope-test-')));
  await bundleForNode(folder, Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)])));
  return {
    file: (name) => join(folder, `${name}.js`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
