import { execFileSync } from 'node:child_process';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyDataDir } from '../../../src/node/chain/verify/verify.ts';
import { toHex } from '../../../src/node/util/bytes.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { genesisParent, mineBlock, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork, waitForEvent } from '../../helpers/node.ts';
import { openDirectory } from './damage.ts';
import { expectConsistent, PEER, temporaryDirectory } from './support.ts';

const DISK_BYTES = 12 * 1024 * 1024;

/** A disk of its own, full after a few blocks. Only root may make one, and not in every container. */
function makeDisk(directory: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(DISK_BYTES)}`, 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const canMount = await (async () => {
  const directory = join(process.env['TMPDIR'] ?? '/tmp', `chainscope-mount-${String(process.pid)}`);
  await mkdir(directory, { recursive: true });
  const made = makeDisk(directory);
  if (made) execFileSync('umount', [directory], { stdio: 'ignore' });
  await rm(directory, { recursive: true, force: true });
  return made;
})();

async function disk(): Promise<string> {
  const directory = await temporaryDirectory();
  if (!makeDisk(directory)) throw new Error('mounted a moment ago, and not now');
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' }));
  return directory;
}

/** Takes all the room but for some bytes. Returns what gives it back. */
async function fill(directory: string, left: number): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(directory);
  await writeFile(join(directory, 'filler'), new Uint8Array(Math.max(0, bavail * bsize - left)));
  return () => rm(join(directory, 'filler'));
}

describe.skipIf(!canMount)('a disk that is really full', () => {
  let network: NodeNetwork;
  beforeAll(async () => {
    network = await NodeNetwork.create();
  });
  afterAll(() => network.close());

  it('STO-05 acknowledges nothing that is not stored, goes on with room, and has all of it after a restart', { timeout: 60_000 }, async () => {
    const directory = join(await disk(), 'data');
    const { chain, notices } = await openDirectory(directory);
    const random = seededRandom(5);
    const acknowledged: MinedBlock[] = [];
    const add = async (): Promise<string> => {
      const mined = mineBlock(chain.tip, { data: toHex(random.bytes(60_000)), time: chain.tip.time + 1 });
      try {
        const { status } = await chain.addBlock(mined.bytes, PEER);
        acknowledged.push(mined);
        return status;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    for (let i = 0; i < 3; i++) expect(await add()).toBe('connected');
    for (let round = 0; round < 2; round++) {
      const release = await fill(join(directory, '..'), 100_000 + round * 77_777);
      const before = chain.tip.hash;
      let last = 'connected';
      for (let i = 0; i < 10 && last === 'connected'; i++) last = await add();
      expect(last).toBe('disk-full');
      expect(await add()).toBe('disk-full');
      expect(acknowledged.at(-1)?.hash ?? before).toBe(chain.tip.hash);
      await release();
      expect(await add()).toBe('connected');
    }
    expect(notices.filter((code) => code === 'store-recovered')).toHaveLength(2);
    expect(notices.filter((code) => code === 'disk-full').length).toBeGreaterThanOrEqual(4);
    await chain.close();
    const again = await openDirectory(directory);
    expect(again.report).toMatchObject({ repaired: false, dropped: 0, messages: [] });
    for (const mined of acknowledged) expect(await again.chain.getBlockBytes(mined.hash)).toEqual(mined.bytes);
    await expectConsistent(again.chain);
    await again.chain.close();
    expect((await verifyDataDir({ dataDir: directory })).faults).toEqual([]);
  });

  it('STO-05 mining waits with its block, says so, and goes on by itself when there is room', { timeout: 60_000 }, async () => {
    const directory = join(await disk(), 'data');
    const node = await network.open({ dataDir: directory });
    await node.api.mine({ dataText: '"before"' }).done;
    const release = await fill(join(directory, '..'), 0);
    const { seq } = node.api.snapshot();
    const told = waitForEvent(node, 'notice', ({ notice }) => notice.code === 'disk-full', seq);
    const job = node.api.mine({ dataText: JSON.stringify(toHex(seededRandom(1).bytes(60_000))) });
    expect((await told).notice).toMatchObject({ level: 'error', message: `There is no room left for the data directory ${directory}; free some space and it goes on.` });
    expect(node.api.snapshot().chain.tip.height).toBe(1);
    expect(node.api.snapshot().mining.status).not.toBe('idle');
    await release();
    await job.done;
    expect(node.api.snapshot().chain.tip.height).toBe(2);
    expect(node.api.snapshot().notices.map(({ code }) => code)).toContain('store-recovered');
    await node.close();
    expect((await verifyDataDir({ dataDir: directory })).faults).toEqual([]);
  });

  it('STO-05 a directory cannot be begun without room, and the message says what is missing', async () => {
    const directory = await disk();
    await fill(directory, 0);
    const error = await openDirectory(join(directory, 'data')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'disk-full', message: expect.stringContaining('There is no room left') as string });
    expect((await stat(directory)).isDirectory()).toBe(true);
  });
});

describe('on a disk with room', () => {
  it('a chain begins at the genesis block', async () => {
    const { chain } = await openDirectory(join(await temporaryDirectory(), 'new'));
    expect((await chain.addBlock(mineBlock(genesisParent()).bytes, PEER)).status).toBe('connected');
  });
});
