import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { onTestFinished } from 'vitest';
import { Chain, type ChainOptions, type OpenReport } from '../../../src/node/chain/chain.ts';
import { PREFIX } from '../../../src/node/chain/store/records.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { toHex } from '../../../src/node/util/bytes.ts';
import { dataTransaction, genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, PEER, temporaryDirectory } from './support.ts';

export type Raw = ClassicLevel<Uint8Array, Uint8Array>;

/** Pages of four blocks as soon as three are above them. */
export const SMALL_PAGES = { records: 4, depth: 3 };

export async function openDirectory(dataDir: string, options: Partial<ChainOptions> = {}): Promise<{ chain: Chain; report: OpenReport; notices: string[] }> {
  const chain = new Chain({ params: REGTEST, dataDir, ...options }, { clock: systemClock, logger: nullLogger });
  const notices: string[] = [];
  chain.on('notice', (_level, code) => notices.push(code));
  const report = await chain.open();
  onTestFinished(() => chain.close());
  return { chain, report, notices };
}

/** Works on the database behind the store's back. */
export async function tamper<T>(directory: string, change: (db: Raw) => Promise<T>): Promise<T> {
  const db: Raw = new ClassicLevel(join(directory, 'chain'), { keyEncoding: 'view', valueEncoding: 'view' });
  await db.open();
  return change(db).finally(() => db.close());
}

/** Another byte at `offset` of what is stored under a key, checksum included. */
export async function flipRecord(db: Raw, key: Uint8Array, offset: number, bits = 1): Promise<void> {
  const value = await db.get(key);
  if (value === undefined) throw new Error('there is no such record');
  const changed = new Uint8Array(value);
  changed[offset] = (changed[offset] ?? 0) ^ bits;
  await db.put(key, changed);
}

/** Each call gives the mutex to the packer between, so that all that is due is packed when it resolves. */
export async function packed(chain: Chain): Promise<void> {
  for (let i = 0; i < 20; i++) await chain.addHeaders([], { kind: 'peer' });
}

export interface SampleChain {
  directory: string;
  /** The active chain. */
  blocks: MinedBlock[];
  side: MinedBlock[];
  /** All of them, parents first. */
  all: MinedBlock[];
}

/** A closed directory with a record of every kind: pages, index records, bodies, heights, transactions, two peers, the node's id. */
export async function sampleDirectory(length = 14): Promise<SampleChain> {
  const directory = await temporaryDirectory();
  const { chain } = await openDirectory(directory, { pages: SMALL_PAGES });
  const blocks = mineFork(genesisParent(), length, (i) => ({ txs: i % 3 === 0 ? [dataTransaction(['in block', i])] : [] }));
  const side = mineFork(blocks[length - 4] as MinedBlock, 2);
  const all = [...blocks, ...side];
  await addAll(chain, all, PEER);
  await packed(chain);
  await chain.store.putMeta('node-id', new Uint8Array(16).fill(3));
  await chain.store.savePeers([{ address: 'ws://a:1', kept: true }, { address: 'ws://b:2', kept: false }]);
  await chain.close();
  return { directory, blocks, side, all };
}

export const KIND_NAMES: Readonly<Record<number, string>> = {
  [PREFIX.index]: 'index record',
  [PREFIX.page]: 'index page',
  [PREFIX.body]: 'block',
  [PREFIX.active]: 'height',
  [PREFIX.transaction]: 'transaction',
  [PREFIX.peer]: 'peer',
  [PREFIX.meta]: 'metadata',
};

/** Every file with its content. */
export async function contents(directory: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    if ((await stat(path)).isFile()) all[name] = toHex(await readFile(path));
  }
  return all;
}
