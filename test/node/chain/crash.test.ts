import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain } from '../../../src/node/chain/chain.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { bundle, type Bundle } from '../../helpers/bundle.ts';
import { genesisParent, mineBlock } from '../../helpers/mine-fork.ts';
import { runKills } from '../../soak/storage/kills.ts';
import { KILL_MODES } from '../../soak/storage/modes.ts';
import { start } from './child.ts';
import { expectConsistent, PEER, temporaryDirectory } from './support.ts';

let built: Bundle;
beforeAll(async () => {
  built = await bundle({ crash: 'test/node/chain/crash-child.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' });
});
afterAll(() => built.remove());

function open(dataDir: string): Chain {
  return new Chain({ params: REGTEST, dataDir }, { clock: systemClock, logger: nullLogger });
}

describe('a process that is killed', () => {
  // The long form is `npm run soak -- storage --runs 200 --seed N`.
  it('STO-01 has every acknowledged block when it opens again, whenever it is killed: mining, syncing, reorganising, compacting, repairing', { timeout: 120_000 }, async () => {
    const folder = await temporaryDirectory();
    const report = await runKills({ runs: 10, seed: Date.now() % 1_000_000, folder, script: built.file('storage-child'), syncBlocks: 200 });
    expect(report.runs).toBe(10);
    for (const mode of KILL_MODES) expect(report.byMode[mode].runs).toBe(2);
    expect(report.acknowledged).toBeGreaterThan(20);
  });

  it('STO-08 a second process on the same directory gets a clear message, the first is unharmed', async () => {
    const directory = await temporaryDirectory();
    const chain = open(directory);
    await chain.open();
    const second = start(process.execPath, [built.file('crash'), directory, 'hold']);
    await second.ended;
    expect(second.lines).toEqual([
      `error data-dir-locked Another Chainscope has the data directory ${directory} open; close it, or choose another directory.`,
    ]);
    const mined = mineBlock(genesisParent());
    expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('connected');
    await expect(open(directory).open()).rejects.toMatchObject({ code: 'data-dir-locked' });
    await chain.close();
    const third = start(process.execPath, [built.file('crash'), directory, 'hold']);
    await third.waitLines(1);
    expect(third.lines).toEqual(['open 2 false 0']);
    third.process.kill('SIGKILL');
    await third.ended;
  });

  it.skipIf(process.platform === 'win32')('STO-06 a directory that may not be written to is a clear error, never a store in memory', async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o555);
    // Root may write everywhere, so the child is somebody else, who must be able to read the bundle.
    const root = process.getuid?.() === 0;
    await chmod(dirname(built.file('crash')), 0o755);
    const child = start(process.execPath, [built.file('crash'), directory, 'hold'], root ? { uid: 65_534, gid: 65_534 } : {});
    await child.ended;
    expect(child.lines).toHaveLength(1);
    expect(child.lines[0]).toMatch(/^error data-dir-unusable The data directory .* cannot be used \(.*permission denied.*\); make it a directory that you can write to, or choose another\.$/i);
    await chmod(directory, 0o755);
  });

  it.skipIf(process.platform === 'win32')(
    'STO-05 writes that the system refuses are not acknowledged, later ones are, and all is there afterwards',
    { timeout: 60_000 },
    async () => {
      const directory = await temporaryDirectory();
      // The shell limits the size of a file (in KiB blocks of 512 or 1,024 bytes): a write beyond it fails as on a full disk.
      const script = 'ulimit -f 64; exec "$0" "$@"';
      const child = start('/bin/sh', ['-c', script, process.execPath, built.file('crash'), directory, '5', '150']);
      await child.ended;
      const failed = child.lines.filter((line) => line === 'failed disk-full');
      expect(failed.length).toBeGreaterThan(0);
      expect(child.lines.filter((line) => line.startsWith('error'))).toEqual([]);
      const firstFailure = child.lines.indexOf('failed disk-full');
      const after = child.lines.slice(firstFailure).filter((line) => line.startsWith('connected'));
      expect(after.length).toBeGreaterThan(0);
      const chain = open(directory);
      const report = await chain.open();
      expect(report).toMatchObject({ repaired: false, dropped: 0 });
      for (const line of child.lines) {
        const [status, hash = ''] = line.split(' ');
        if (status === 'connected' || status === 'side') expect(await chain.getBlock(hash), line).toBeDefined();
      }
      await expectConsistent(chain);
      await chain.close();
    },
  );
});
