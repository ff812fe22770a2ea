/**
 * What runs inside Node or inside Electron's main process. Takes one argument: JSON with a `Task`. Writes a `Measured` to the file it names.
 */
import { writeFileSync } from 'node:fs';
import { BlockIndex } from '../../src/node/chain/block-index.ts';
import { Chain } from '../../src/node/chain/chain.ts';
import { checkHeaderFully } from '../../src/node/chain/headers.ts';
import type { IndexEntry } from '../../src/node/chain/index-entry.ts';
import { MemoryStore } from '../../src/node/chain/store/memory-store.ts';
import { REGTEST, type NetworkParams } from '../../src/node/consensus/params.ts';
import { merkleRootOf } from '../../src/node/primitives/merkle.ts';
import { HEADER_BYTES, type BlockHeader } from '../../src/node/primitives/header.ts';
import { encodeTransaction } from '../../src/node/primitives/transaction.ts';
import { equalBytes } from '../../src/node/util/bytes.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { hash256, hash256Forest, hash256Many, hash256Rows, hasher } from '../../src/node/util/hash.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { runInEither, runtimeName } from '../lib/in-either.ts';
import { makeBlock, makeHeaders, MOVING } from './chain.ts';
import { CRYPTO, plainCheck, plainRoot, type HashOnce } from './plain.ts';

interface Task {
  seed: number;
  headers: number;
  rounds: number;
  result: string;
}

export interface Row {
  name: string;
  /** Milliseconds for one unit: the median of the rounds, and the best one. */
  median: number;
  best: number;
  /** Milliseconds of processor time of all threads, the median: what other programs disturb least. */
  cpu: number;
}

export interface Group {
  title: string;
  /** What one unit is. */
  unit: string;
  rows: Row[];
}

export interface Measured {
  runtime: string;
  v8: string;
  hasher: string;
  groups: Group[];
}

/** One way to do the work of a group. `run` does `units` of them. */
interface Contestant {
  name: string;
  units: number;
  run: () => unknown;
}

const task = JSON.parse(process.argv.at(-1) ?? '') as Task;
/** Headers in one message of the protocol. */
const MESSAGE = 2_000;

async function race(contestants: readonly Contestant[], rounds: number): Promise<Row[]> {
  const times = contestants.map((): number[] => []);
  const cpu = contestants.map((): number[] => []);
  for (const { run } of contestants) await run();
  // By turns, so that what slows the machine slows all.
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run, units }] of contestants.entries()) {
      const from = performance.now();
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      times[i]?.push((performance.now() - from) / units);
      cpu[i]?.push((user + system) / 1000 / units);
    }
  }
  const sorted = (values: number[] | undefined): number[] => (values ?? []).sort((a, b) => a - b);
  const middle = (values: number[]): number => values[values.length >> 1] ?? 0;
  return contestants.map(({ name }, i) => {
    const ms = sorted(times[i]);
    return { name, median: middle(ms), best: ms[0] ?? 0, cpu: middle(sorted(cpu[i])) };
  });
}

function expectSame(what: string, got: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(got, expected)) throw new Error(`${what} gives other hashes`);
}

type HashRows = (rows: Uint8Array) => Uint8Array;

/** Hashes of rows, one at a time. */
function rowByRow(hash: HashOnce): HashRows {
  return (rows) => {
    const hashes = new Uint8Array((rows.length / HEADER_BYTES) * 32);
    for (let i = 0; i * HEADER_BYTES < rows.length; i++) hashes.set(hash(rows.subarray(HEADER_BYTES * i, HEADER_BYTES * (i + 1))), 32 * i);
    return hashes;
  };
}

const HASHERS: readonly (readonly [name: string, rows: HashRows])[] = [
  ...CRYPTO.map(([name, once]) => [name, rowByRow((bytes) => once(once(bytes)))] as const),
  ['WebAssembly, one at a time', rowByRow(hash256)],
  ['WebAssembly, batch', hash256Rows],
];

/** Calls back for each message of the protocol's size. */
function inMessages(rows: Uint8Array, each: (message: Uint8Array, from: number) => void): void {
  for (let at = 0; at < rows.length; at += MESSAGE * HEADER_BYTES) each(rows.subarray(at, at + MESSAGE * HEADER_BYTES), at / HEADER_BYTES);
}

async function headerHashes(rows: Uint8Array): Promise<Group> {
  const expected = hash256Rows(rows);
  for (const [name, hash] of HASHERS) expectSame(name, hash(rows), expected);
  const contestants = HASHERS.map(([name, hash]) => ({
    name,
    units: 1,
    run: () => {
      inMessages(rows, hash);
    },
  }));
  return { title: 'hashing headers', unit: `${String(task.headers)} headers`, rows: await race(contestants, task.rounds) };
}

async function headerChecks(title: string, params: NetworkParams, headers: readonly BlockHeader[], rows: Uint8Array): Promise<Group> {
  const nowMs = ((headers.at(-1)?.time ?? 0) + 60) * 1000;
  // The entries that the checks stand on, as they are while headers come in.
  const index = new BlockIndex(params);
  const parents: IndexEntry[] = [index.genesis];
  const hashes = hash256Rows(rows);
  headers.forEach((_header, i) => {
    const bytes = rows.subarray(HEADER_BYTES * i, HEADER_BYTES * (i + 1));
    parents.push(index.insertHeader(hashes.subarray(32 * i, 32 * (i + 1)), bytes, parents[i] as IndexEntry));
  });
  const withHash = (hash: HashRows) => () => {
    inMessages(rows, (message, from) => {
      const made = hash(message);
      for (let i = 0; i < message.length / HEADER_BYTES; i++) {
        checkHeaderFully(params, index, headers[from + i] as BlockHeader, made.subarray(32 * i, 32 * (i + 1)), parents[from + i] as IndexEntry, nowMs);
      }
    });
  };
  const wholeWay = async (): Promise<void> => {
    const limits = { ahead: 2 * task.headers, lowWork: 2 * task.headers };
    const chain = new Chain({ params, dataDir: '', headerLimits: limits }, { clock: { ...systemClock, now: () => nowMs }, logger: nullLogger, store: new MemoryStore() });
    await chain.open();
    for (let at = 0; at < headers.length; at += MESSAGE) {
      const result = await chain.addHeaders(headers.slice(at, at + MESSAGE), { kind: 'peer' });
      if (result.status !== 'ok' || result.added !== Math.min(MESSAGE, headers.length - at)) throw new Error(`headers from ${String(at)} on: ${JSON.stringify(result)}`);
    }
    await chain.close();
  };
  const contestants: Contestant[] = [
    ...CRYPTO.map(([name, once]) => ({ name: `plain Node, ${name}`, units: 1, run: () => { plainCheck(params, headers, once, nowMs / 1000); } })),
    ...HASHERS.map(([name, hash]) => ({ name: `our checks, ${name}`, units: 1, run: withHash(hash) })),
    { name: 'Chain.addHeaders, index included', units: 1, run: wholeWay },
  ];
  return { title, unit: `${String(task.headers)} headers`, rows: await race(contestants, task.rounds) };
}

/** Ids and Merkle roots of blocks, as they come in one message of the sync where they are small. */
async function merkleRoots(transactionCount: number, blocks: number): Promise<Group> {
  const all = Array.from({ length: blocks }, (_, i) => makeBlock(transactionCount, task.seed + i));
  const encoded = all.map(({ transactions }) => transactions.map(encodeTransaction));
  const root = (i: number): Uint8Array => all[i]?.header.merkleRoot ?? new Uint8Array(0);
  const contestants: Contestant[] = [
    ...CRYPTO.map(([name, once]) => ({ name, units: blocks, run: () => { encoded.forEach((each, i) => { expectSame(name, plainRoot(each, once), root(i)); }); } })),
    {
      name: 'WebAssembly, block by block',
      units: blocks,
      run: () => {
        encoded.forEach((each, i) => { expectSame('block by block', merkleRootOf(hash256Many(each)).root, root(i)); });
      },
    },
    {
      name: 'WebAssembly, all blocks together',
      units: blocks,
      run: () => {
        const { roots } = hash256Forest(hash256Many(encoded.flat()), encoded.map(({ length }) => length));
        encoded.forEach((_, i) => { expectSame('all together', roots.subarray(32 * i, 32 * (i + 1)), root(i)); });
      },
    },
  ];
  return { title: `ids and Merkle root, ${String(transactionCount)} transactions`, unit: 'a block', rows: await race(contestants, task.rounds) };
}

async function transactionIds(): Promise<Group> {
  const count = 4_000;
  const encoded = makeBlock(count, task.seed).transactions.map(encodeTransaction);
  const expected = hash256Many(encoded);
  const oneByOne = (name: string, hash: HashOnce): Contestant => ({
    name,
    units: count,
    run: () => { encoded.forEach((bytes, i) => { expectSame(name, hash(bytes), expected.subarray(32 * i, 32 * (i + 1))); }); },
  });
  const contestants = [
    ...CRYPTO.map(([name, once]) => oneByOne(name, (bytes) => once(once(bytes)))),
    oneByOne('WebAssembly, one at a time', hash256),
    { name: 'WebAssembly, batch', units: count, run: () => { expectSame('batch', hash256Many(encoded), expected); } },
  ];
  return { title: 'transaction ids', unit: 'a transaction', rows: await race(contestants, task.rounds) };
}

async function main(): Promise<void> {
  const groups: Group[] = [];
  const moving = makeHeaders(MOVING, task.headers, task.seed);
  groups.push(await headerHashes(moving.rows));
  groups.push(await headerChecks('full checks of headers, bits that move as on the main network', MOVING, moving.headers, moving.rows));
  const still = makeHeaders(REGTEST, task.headers, task.seed);
  groups.push(await headerChecks('full checks of headers, bits that stay', REGTEST, still.headers, still.rows));
  for (const [transactions, blocks] of [[2, 1_000], [100, 50], [4_000, 2]] as const) groups.push(await merkleRoots(transactions, blocks));
  groups.push(await transactionIds());
  const measured: Measured = { runtime: runtimeName(), v8: process.versions.v8, hasher: hasher().name, groups };
  writeFileSync(task.result, JSON.stringify(measured));
}

void runInEither(main);
