import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Chain } from '../../src/node/chain/chain.ts';
import { blockKey, PREFIX } from '../../src/node/chain/store/records.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import type { VerifyReport } from '../../src/node/index.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { bundle, type Bundle } from '../helpers/bundle.ts';
import { genesisParent, mineFork, type MinedBlock } from '../helpers/mine-fork.ts';
import { start } from '../node/chain/child.ts';
import { contents, flipRecord, tamper } from '../node/chain/damage.ts';

let built: Bundle;
const folders: string[] = [];
beforeAll(async () => {
  built = await bundle({ verify: 'src/cli/verify.ts', hold: 'test/node/chain/crash-child.ts' });
});
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));
afterAll(() => built.remove());

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'chainscope-cli-verify-'));
  folders.push(made);
  return made;
}

async function chainOf(blocks: readonly MinedBlock[]): Promise<string> {
  const dataDir = await folder();
  const chain = new Chain({ params: REGTEST, dataDir }, { clock: systemClock, logger: nullLogger });
  await chain.open();
  for (const mined of blocks) await chain.addBlock(mined.bytes, { kind: 'peer' });
  await chain.close();
  return dataDir;
}

function verify(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return verifyIn({}, ...args);
}

function verifyIn(env: Record<string, string>, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [built.file('verify'), ...args], { env: { ...process.env, ...env } }, (_error, out, err) => {
      resolve({ code: child.exitCode, out, err });
    });
  });
}

describe('npm run verify', () => {
  it('says what it checked of a whole chain, and ends with 0', async () => {
    const blocks = mineFork(genesisParent(), 5);
    const dataDir = await chainOf(blocks);
    const before = await contents(dataDir);
    const { code, out, err } = await verify('--data-dir', dataDir);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain(`regtest, schema 2, tip 5 ${blocks[4]?.hash ?? ''}`);
    for (const line of ['5  headers', '5  proofs of work', '5  bodies', '5  Merkle roots', '5  transactions', 'No fault was found.']) expect(out).toContain(line);
    const json = await verify('--data-dir', dataDir, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ network: 'regtest', faultCount: 0, counts: { bodies: 5 }, tip: { height: 5 } });
    expect(await contents(dataDir)).toEqual(before);
  });

  it('names the record of a flipped byte, and ends with 1', async () => {
    const blocks = mineFork(genesisParent(), 5);
    const dataDir = await chainOf(blocks);
    await tamper(dataDir, (db) => flipRecord(db, blockKey(PREFIX.body, blocks[2] as MinedBlock), 100));
    const { code, out } = await verify('--data-dir', dataDir);
    expect(code).toBe(1);
    expect(out).toContain('fault (checksum) at height 3: The record of a block at height 3 is damaged: its checksum differs.');
    expect(out).toContain('1 fault was found. Nothing was changed');
    const { faults } = JSON.parse((await verify('--data-dir', dataDir, '--json')).out) as VerifyReport;
    expect(faults).toEqual([expect.objectContaining({ kind: 'checksum', height: 3 })]);
  });

  it('ends with 2 when there is nothing to check: no directory, another program\'s, a wrong argument', async () => {
    const empty = await folder();
    await mkdir(join(empty, 'chain'));
    await writeFile(join(empty, 'chain', 'CURRENT'), 'hello');
    for (const dataDir of [join(empty, 'nowhere'), empty]) {
      const { code, out, err } = await verify('--data-dir', dataDir);
      expect(code).toBe(2);
      expect(out).toBe('');
      expect(err).toBe(`There is no chain in ${dataDir}; name the data directory of a node.\n`);
    }
    expect(JSON.parse((await verify('--data-dir', empty, '--json')).out)).toMatchObject({ error: 'data-dir-unusable' });
    for (const args of [['--data-dirr', empty], ['--data-dir'], [empty], ['--network', 'x']]) expect((await verify(...args)).code).toBe(2);
    expect(await verify('--help')).toMatchObject({ code: 0, err: '' });
  });

  it('has no use for the settings of a node, and is not stopped by a wrong one', async () => {
    const dataDir = await chainOf(mineFork(genesisParent(), 1));
    const env = { HTTP_PORT: 'abc', P2P_PORT: '99999', P2P_HOST: 'nowhere', PEERS: 'foo', MINE_CPU: '1', NODE_NAME: '\n' };
    expect(await verifyIn(env, '--data-dir', dataDir)).toMatchObject({ code: 0, err: '' });
    expect(await verifyIn({ ...env, DATA_DIR: dataDir })).toMatchObject({ code: 0, err: '' });
    expect((await verifyIn({ NETWORK: 'x' }, '--data-dir', dataDir)).err).toMatch(/^NETWORK must be main or regtest/);
  });

  it('ends with 2 when the directory holds the chain of another network than the one that was asked for', async () => {
    const dataDir = await chainOf(mineFork(genesisParent(), 1));
    const message = `The data directory ${dataDir} holds the chain of another network (regtest, not main); name the other network or another directory.`;
    const asked = await verify('--data-dir', dataDir, '--network', 'main', '--json');
    expect(asked).toMatchObject({ code: 2, err: `${message}\n` });
    expect(JSON.parse(asked.out)).toEqual({ dataDir, error: 'data-dir-unusable', message });
    expect(await verifyIn({ NETWORK: 'main' }, '--data-dir', dataDir)).toEqual({ code: 2, out: '', err: `${message}\n` });
    expect((await verifyIn({ NETWORK: 'main' }, '--data-dir', dataDir, '--network', 'regtest')).code).toBe(0);
  });

  it('ends with 2 when it cannot even be loaded: a library that is missing is no fault of the chain', async () => {
    const alone = await folder();
    // Where no packages are found.
    await cp(dirname(built.file('verify')), alone, { recursive: true });
    const child = spawn(process.execPath, [join(alone, 'verify.js'), '--data-dir', alone], { stdio: ['ignore', 'inherit', 'pipe'] });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(err).toContain('ERR_MODULE_NOT_FOUND');
  });

  it('says by its exit code what it found when nobody reads on', async () => {
    const blocks = mineFork(genesisParent(), 2);
    const whole = await chainOf(blocks);
    const broken = await chainOf(blocks);
    await tamper(broken, (db) => flipRecord(db, blockKey(PREFIX.body, blocks[1] as MinedBlock), 100));
    for (const [dataDir, code] of [
      [whole, 0],
      [broken, 1],
    ] as const) {
      const child = spawn(process.execPath, [built.file('verify'), '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.destroy();
      expect(await once(child, 'close')).toEqual([code, null]);
    }
  });

  it('STO-08 refuses a directory that a node has open, whose lock still holds afterwards', async () => {
    const dataDir = await chainOf(mineFork(genesisParent(), 2));
    const holder = start(process.execPath, [built.file('hold'), dataDir, 'hold']);
    await holder.waitLines(1);
    const { code, err } = await verify('--data-dir', dataDir);
    expect(code).toBe(2);
    expect(err).toBe(`Another Chainscope has the data directory ${dataDir} open; close it, or choose another directory.\n`);
    const another = start(process.execPath, [built.file('hold'), dataDir, 'hold']);
    await another.ended;
    expect(another.lines[0]).toMatch(/^error data-dir-locked/);
    holder.process.kill('SIGKILL');
    await holder.ended;
    expect((await verify('--data-dir', dataDir)).code).toBe(0);
  });
});
