import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { bundle, type Bundle } from '../helpers/bundle.ts';
import { longChain, writeChain } from '../helpers/chain-folder.ts';
import { ask } from '../helpers/http.ts';
import { genesisParent } from '../helpers/mine-fork.ts';
import { RawPeer } from '../helpers/raw-peer.ts';
import { headersOn, push } from './cases/headers.ts';
import { readToHere } from './world.ts';

/** What strangers cost in memory, seen from outside: the node in a process of its own, the attackers in this one. */
let built: Bundle;
let folder: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  built = await bundle({ cli: 'src/cli/index.ts', worker: 'src/node/mining/worker.ts' });
  folder = await mkdtemp(join(tmpdir(), 'chainscope-memory-'));
}, 60_000);
afterEach(async () => {
  if (child === undefined || child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
});
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Status {
  node: { p2p: { port: number } };
  chain: { tip: { hash: string; height: number } };
}

async function start(): Promise<{ pid: number; status: () => Promise<Status> }> {
  const env = { ...process.env, NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR: folder };
  child = spawn(process.execPath, [built.file('cli')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  let port: string | undefined;
  while (port === undefined) {
    port = /HTTP API http:\/\/127\.0\.0\.1:(\d+)/.exec(out)?.[1];
    if (port === undefined) await Promise.race([once(child.stdout as NodeJS.EventEmitter, 'data'), once(child, 'exit').then(() => Promise.reject(new Error('the node ended')))]);
  }
  return { pid: child.pid ?? 0, status: async () => (await ask(Number(port), '/status')).json() as Status };
}

/** Bytes of memory that a process has in use; undefined where the system does not tell. */
async function residentBytes(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

describe('memory of a node in a process of its own', () => {
  it('HDR-03 100,000 headers of little work: the chain is untouched, and memory stays within 64 MB', { timeout: 240_000 }, async () => {
    const height = 4_500;
    await writeChain(folder, longChain(height));
    const node = await start();
    const { node: info, chain } = await node.status();
    const wave = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 4_100) {
        const peer = await RawPeer.connect(info.p2p.port);
        await push(peer, headersOn({ ...genesisParent(), time: REGTEST.genesis.header.time }, 4_100));
        await readToHere(peer);
        peer.close();
      }
    };
    // The first wave warms up what any work would: compiled code, buffers, a heap of its usual size.
    await wave(20_000);
    const before = await residentBytes(node.pid);
    await wave(100_000);
    const after = await residentBytes(node.pid);
    expect((await node.status()).chain.tip).toEqual(chain.tip);
    if (before !== undefined && after !== undefined) {
      console.log(`      HDR-03: the node's process took ${((after - before) / 1e6).toFixed(1)} MB more for 100,000 headers (${(after / 1e6).toFixed(0)} MB in all)`);
      expect(after - before).toBeLessThan(64 * 1024 * 1024);
    }
  });
});
