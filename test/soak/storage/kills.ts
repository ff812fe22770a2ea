/**
 * Kills a process again and again while it stores blocks, each time at a random moment, and looks whether every block that it acknowledged
 * is there afterwards. Used by test/node/chain/crash.test.ts (a few kills) and by `npm run soak -- storage` (hundreds).
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Chain } from '../../../src/node/chain/chain.ts';
import { verifyDataDir } from '../../../src/node/chain/verify/verify.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { openNode, type RunningNode } from '../../../src/node/index.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { seededRandom, type Random } from '../../../src/node/util/random.ts';
import { genesisParent, mineFork } from '../../helpers/mine-fork.ts';
import { start } from '../../node/chain/child.ts';
import { bound } from '../folder.ts';
import { KILL_MODES, SMALL_PAGES, type KillMode } from './modes.ts';

export interface KillOptions {
  runs: number;
  seed: number;
  /** Made by the caller, who removes it. */
  folder: string;
  /** The built child.ts; worker.js stands beside it. */
  script: string;
  modes?: readonly KillMode[];
  /** Blocks of the neighbour in `sync`. */
  syncBlocks?: number;
  say?: (line: string) => void;
}

export interface KillReport {
  runs: number;
  acknowledged: number;
  /** Kills before the chain was open. */
  early: number;
  byMode: Record<KillMode, { runs: number; acknowledged: number }>;
}

/** Above this the directory of a mode is begun anew, so that a long soak does not fill the disk. */
const DIRECTORY_BYTES = 96 * 1024 * 1024;
/** Older acknowledged blocks that are looked up after each kill, besides all of the last run. */
const SAMPLE = 50;
/** Every so many runs of a mode the whole directory is verified. */
const VERIFY_EVERY = 8;

/** A kill waits at most so long for its moment. */
const MOST_WAIT_MS = 4_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Throws an Error that names seed, run and block when a block is lost. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const modes = options.modes ?? KILL_MODES;
  const random = seededRandom(options.seed);
  const byMode = Object.fromEntries(KILL_MODES.map((mode) => [mode, { runs: 0, acknowledged: 0 }])) as KillReport['byMode'];
  const report: KillReport = { runs: 0, acknowledged: 0, early: 0, byMode };
  const fields = new Map<KillMode, Field>();
  const server = modes.includes('sync') ? await openServer(options) : undefined;
  try {
    for (let run = 0; run < options.runs; run++) {
      const mode = modes[run % modes.length] as KillMode;
      let field = fields.get(mode);
      if (field === undefined) fields.set(mode, (field = new Field(mode, options, server)));
      const { acknowledged, early } = await field.kill(run, random);
      report.runs++;
      report.acknowledged += acknowledged;
      if (early) report.early++;
      byMode[mode].runs++;
      byMode[mode].acknowledged += acknowledged;
      options.say?.(`run ${String(run + 1)} of ${String(options.runs)}: ${mode}, killed ${early ? 'while it opened' : `after ${String(acknowledged)} blocks`}, all there`);
    }
    for (const field of fields.values()) await field.finish();
  } finally {
    await server?.close();
  }
  return report;
}

/** A neighbour with a long chain, from which `sync` takes its blocks. */
async function openServer({ folder, script, syncBlocks = 1_500 }: KillOptions): Promise<RunningNode> {
  const dataDir = join(folder, 'neighbour');
  const port = { value: 0, explicit: true };
  const node = await openNode(
    { httpPort: port, p2pPort: port, p2pHost: '127.0.0.1', peers: [], dataDir, dataDirExplicit: true, network: 'regtest' },
    { logger: nullLogger, workers: 1, workerScript: join(script, '..', 'worker.js') },
  );
  const { chain } = node.node.parts;
  for (const mined of mineFork(genesisParent(), syncBlocks)) await chain.addBlock(mined.bytes, { kind: 'peer' });
  return node;
}

/** One mode with its directory and all that was acknowledged in it. */
class Field {
  readonly #mode: KillMode;
  readonly #options: KillOptions;
  readonly #server: RunningNode | undefined;
  readonly #directory: string;
  readonly #acknowledged: string[] = [];
  #runs = 0;

  constructor(mode: KillMode, options: KillOptions, server: RunningNode | undefined) {
    this.#mode = mode;
    this.#options = options;
    this.#server = server;
    this.#directory = join(options.folder, mode);
  }

  async kill(run: number, random: Random): Promise<{ acknowledged: number; early: boolean }> {
    const mode = this.#mode;
    await mkdir(this.#directory, { recursive: true });
    // Something to repair: the marker makes the next opening put the database together again.
    if (mode === 'repair' && this.#acknowledged.length > 0) await writeFile(join(this.#directory, 'chain-is-damaged'), '');
    const p2p = this.#server?.info.p2p;
    const peer = mode === 'sync' && p2p !== undefined ? [`ws://127.0.0.1:${String(p2p.port)}`] : [];
    const child = start(process.execPath, [this.#options.script, mode, this.#directory, String(random.uint32()), ...peer]);
    bound(child.process);
    const anywhere = random.float() < (mode === 'repair' ? 0.6 : 0.15);
    const lines = anywhere ? 0 : 1 + Math.floor(random.float() ** 2 * 60);
    const delay = random.float() * (anywhere ? 1_200 : 150);
    // A sync that is over writes no more lines.
    await Promise.race([child.waitLines(lines), sleep(MOST_WAIT_MS)]);
    await sleep(delay);
    child.process.kill('SIGKILL');
    await child.ended;
    const where = `seed ${String(this.#options.seed)}, run ${String(run + 1)} (${mode}, killed ${delay.toFixed(1)} ms after line ${String(lines)})`;
    const failed = child.lines.find((line) => line.startsWith('error'));
    if (failed !== undefined) throw new Error(`${where}: the node failed: ${failed}`);
    const opened = child.lines.find((line) => line.startsWith('open'));
    if (opened !== undefined && mode !== 'repair' && !/^open \d+ false 0$/.test(opened)) throw new Error(`${where}: a kill before left damage: ${opened}`);
    const fresh = child.lines.filter((line) => line.startsWith('ack ')).map((line) => line.slice(4));
    const older = Array.from({ length: Math.min(SAMPLE, this.#acknowledged.length) }, () => this.#acknowledged[Math.floor(random.float() * this.#acknowledged.length)] ?? '');
    this.#acknowledged.push(...fresh);
    const bytes = await this.#check(where, [...fresh, ...older]);
    this.#runs++;
    if (this.#runs % VERIFY_EVERY === 0) await this.#verify(where);
    const done = mode === 'sync' && this.#acknowledged.includes(this.#server?.node.parts.chain.tip.hash ?? '');
    if (bytes > DIRECTORY_BYTES || done) await this.#beginAnew(where);
    return { acknowledged: fresh.length, early: opened === undefined };
  }

  /** Everything that was ever acknowledged in this directory. */
  async finish(): Promise<void> {
    const where = `seed ${String(this.#options.seed)}, at the end of ${this.#mode}`;
    await this.#check(where, this.#acknowledged);
    await this.#verify(where);
  }

  async #beginAnew(where: string): Promise<void> {
    await this.#check(where, this.#acknowledged);
    await this.#verify(where);
    await rm(this.#directory, { recursive: true });
    this.#acknowledged.length = 0;
  }

  /** Opens the chain as the node would, and looks for the blocks. */
  async #check(where: string, hashes: readonly string[]): Promise<number> {
    const pages = this.#mode === 'mining' || this.#mode === 'sync' ? {} : { pages: SMALL_PAGES };
    const chain = new Chain({ params: REGTEST, dataDir: this.#directory, ...pages }, { clock: systemClock, logger: nullLogger });
    const report = await chain.open();
    try {
      const expected = this.#mode === 'repair' || (!report.repaired && report.messages.length === 0);
      if (!expected || report.dropped > 0) throw new Error(`${where}: opening found damage: ${JSON.stringify(report)}`);
      for (const hash of hashes) if ((await chain.getBlock(hash)) === undefined) throw new Error(`${where}: the acknowledged block ${hash} is lost`);
      if (chain.missingBodies().length > 0) throw new Error(`${where}: bodies of the active chain are missing`);
      for (const side of chain.sideTips()) if (side.chainwork > chain.tip.chainwork) throw new Error(`${where}: the branch ${side.hash} beats the tip`);
      return await chain.bytesOnDisk();
    } finally {
      await chain.close();
    }
  }

  async #verify(where: string): Promise<void> {
    const { faultCount, faults } = await verifyDataDir({ dataDir: this.#directory });
    if (faultCount > 0) throw new Error(`${where}: ${String(faultCount)} faults, the first: ${JSON.stringify(faults[0])}`);
  }
}
