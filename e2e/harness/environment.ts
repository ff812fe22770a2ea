import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Variables that steer the app: what the person running the tests has set must not reach the apps under test. */
const OWN = ['HTTP_PORT', 'P2P_PORT', 'P2P_HOST', 'PEERS', 'DATA_DIR', 'NETWORK', 'NODE_NAME', 'MINE_WORKERS', 'MINE_CPU', 'MINE_KERNEL', 'ELECTRON_RENDERER_URL', 'ELECTRON_RUN_AS_NODE'];
const PREFIX = 'CHAINSCOPE_';

/** The environment of an app under test: this one without our variables, then the given ones. */
export function testEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !OWN.includes(name) && !name.startsWith(PREFIX)) env[name] = value;
  }
  return { ...env, ...extra };
}

export function makeTemporaryDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'chainscope-e2e-'));
}

/** Removes a directory in which a dying process may still be writing. */
export async function removeDir(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
