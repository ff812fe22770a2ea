/**
 * Checks a whole data directory without changing it, in one pass from the first height to the last. What is held in memory is one height:
 * index entries, bodies, height map and transaction index are read side by side in the order of their keys.
 */
import { resolve } from 'node:path';
import type { HashHex } from '../../../shared/blocks.ts';
import { MAIN, REGTEST, type NetworkParams } from '../../consensus/params.ts';
import { displayHash, HASH_BYTES, utf8Decode } from '../../util/bytes.ts';
import { isCorruption, noChain, otherNetwork } from '../store/errors.ts';
import { isMarkedDamaged, newerSchema, readSchemaFile } from '../store/level-directory.ts';
import { openMirror, type Mirror } from '../store/mirror.ts';
import { activeKey, decodePlace, decodeVersion, GENESIS_KEY, PREFIX, readHeight, SCHEMA_KEY, SCHEMA_VERSION, TIP_KEY, unseal } from '../store/records.ts';
import { BlockChecker } from './blocks.ts';
import { FaultList, noCounts, type VerifyCounts, type VerifyReport } from './report.ts';
import { cursorOf, heightOf, IndexStream, RecordCursor, type StreamEvents } from './streams.ts';

export interface VerifyOptions {
  readonly dataDir: string;
  /** The network whose chain it must be; whichever it is when left out. */
  readonly network?: NetworkParams['name'];
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  /** Told now and then: the height that was reached, and the last one. */
  readonly progress?: (height: number, last: number) => void;
}

/** Heights between two calls of `progress`. */
const PROGRESS_STEP = 500;
const KNOWN_PREFIXES: readonly number[] = Object.values(PREFIX);

/**
 * Checks every record of a data directory: see VerifyCounts for what, FaultKind for what can be wrong. Writes nothing into it, and keeps
 * other processes from opening it meanwhile.
 * @throws StoreError when it cannot be looked at: `data-dir-locked`, `data-dir-unusable` (no chain in it, another network's), `schema-newer`
 */
export async function verifyDataDir(options: VerifyOptions): Promise<VerifyReport> {
  return new Verifier(options).run();
}

class Verifier {
  readonly #dataDir: string;
  readonly #options: VerifyOptions;
  readonly #counts: VerifyCounts = noCounts();
  readonly #faults = new FaultList();
  readonly #notes: string[] = [];
  readonly #events: StreamEvents;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir);
    this.#events = {
      read: (bytes) => {
        this.#counts.records++;
        this.#counts.bytes += bytes;
      },
      damaged: (key) => {
        this.#faults.add('checksum', `The record ${nameOf(key)} is damaged: its checksum differs.`, { height: heightIn(key) });
      },
      broken: (range) => {
        this.#faults.add('database', `LevelDB cannot read all of the ${range}: a table or its index is damaged.`);
      },
    };
  }

  async run(): Promise<VerifyReport> {
    const now = this.#options.now ?? ((): number => performance.now());
    const startedAt = now();
    const written = await readSchemaFile(this.#dataDir);
    if (written.version !== undefined && written.version > SCHEMA_VERSION) throw newerSchema(this.#dataDir, written.version);
    if (written.damaged) this.#faults.add('schema', 'The file schema is damaged; the number in the database counts.');
    let mirror: Mirror;
    try {
      mirror = await openMirror(this.#dataDir);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.#faults.add('database', 'The database cannot be opened: CURRENT or the manifest is lost or damaged. The next start repairs it, or fetches the chain again.');
      return this.#report({ network: 'unknown', schema: written.version, tip: undefined, locked: false, seconds: (now() - startedAt) / 1000 });
    }
    try {
      if (await isMarkedDamaged(this.#dataDir)) this.#notes.push('The directory is marked as damaged: the next start repairs it.');
      const { params, schema } = await this.#identify(mirror);
      // Before the rest is read, which of a long chain takes minutes.
      const { network = params.name } = this.#options;
      if (params.name !== network) throw otherNetwork(this.#dataDir, params.name, network);
      const tip = await this.#checkChain(mirror, params);
      await this.#checkRest(mirror);
      return this.#report({ network: params.name, schema, tip, locked: mirror.locked, seconds: (now() - startedAt) / 1000 });
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.#faults.add('database', 'LevelDB cannot read on: a table or its index is damaged. The next start saves what can be read.');
      return this.#report({ network: 'unknown', schema: written.version, tip: undefined, locked: mirror.locked, seconds: (now() - startedAt) / 1000 });
    } finally {
      await mirror.close();
    }
  }

  #report(what: Pick<VerifyReport, 'network' | 'schema' | 'tip' | 'locked' | 'seconds'>): VerifyReport {
    return { dataDir: this.#dataDir, ...what, counts: this.#counts, faults: this.#faults.listed, faultCount: this.#faults.count, notes: this.#notes };
  }

  /** Which network and schema. Their records are counted later, with the other metadata. */
  async #identify({ db }: Mirror): Promise<{ params: NetworkParams; schema: number | undefined }> {
    const value = async (key: Uint8Array): Promise<Uint8Array | undefined> => {
      const sealed = await db.get(key);
      return sealed === undefined ? undefined : unseal(key, sealed);
    };
    const schemaBytes = await value(SCHEMA_KEY);
    const schema = schemaBytes === undefined ? undefined : decodeVersion(schemaBytes);
    if (schema !== undefined && schema > SCHEMA_VERSION) throw newerSchema(this.#dataDir, schema);
    const genesis = await value(GENESIS_KEY);
    const hash = genesis?.length === HASH_BYTES ? displayHash(genesis) : undefined;
    const params = hash === undefined ? await this.#guessNetwork(db) : [MAIN, REGTEST].find(({ genesisHash }) => genesisHash === hash);
    if (params === undefined) throw noChain(this.#dataDir, 'of a network that this Chainscope knows');
    if (schema === undefined) this.#faults.add('schema', 'The number of the layout is missing from the database.');
    if (hash === undefined) this.#faults.add('schema', 'The name of the network is missing from the database.');
    return { params, schema };
  }

  /** From what the first blocks stand on, when the record is lost. */
  async #guessNetwork(db: Mirror['db']): Promise<NetworkParams | undefined> {
    const cursor = await cursorOf(db, PREFIX.body, 'blocks', { read: () => undefined, damaged: () => undefined, broken: () => undefined });
    const body = cursor.head?.value;
    await cursor.close();
    if (body === undefined || body.length < 4 + HASH_BYTES) return undefined;
    const parent = displayHash(body.subarray(4, 4 + HASH_BYTES));
    return [MAIN, REGTEST].find(({ genesisHash }) => genesisHash === parent);
  }

  async #checkChain({ db }: Mirror, params: NetworkParams): Promise<VerifyReport['tip']> {
    const tip = await this.#storedTip(db, params);
    const singles = await cursorOf(db, PREFIX.index, 'block index', this.#events);
    const pages = await cursorOf(db, PREFIX.page, 'pages of the block index', this.#events);
    const bodies = await cursorOf(db, PREFIX.body, 'blocks', this.#events);
    const heights = await cursorOf(db, PREFIX.active, 'height map', this.#events);
    const index = new IndexStream(singles, pages, (kind, height, why) => {
      this.#faults.add('format', `A ${kind} of the block index cannot be read: ${why}.`, { height });
    });
    const last = await lastHeight(db);
    const checker = new BlockChecker({ params, db, counts: this.#counts, faults: this.#faults, tip });
    try {
      for (;;) {
        const next = [index.next, heightOf(bodies.head), heightOf(heights.head)].filter((height) => height !== undefined);
        if (next.length === 0) break;
        const height = Math.min(...next);
        await checker.checkHeight(height, await index.take(height), bodies, await takeHeight(heights, height, this.#faults));
        if (height % PROGRESS_STEP === 0) this.#options.progress?.(height, last);
      }
    } finally {
      for (const cursor of [singles, pages, bodies, heights]) await cursor.close();
    }
    this.#counts.pages = index.pages;
    checker.finish();
    this.#options.progress?.(last, last);
    const extra = await this.#countTransactionIndex(db);
    if (extra > checker.found) {
      this.#notes.push(`${count(extra - checker.found, 'entry', 'entries')} of the transaction index belong to blocks that are not active any more; nobody is answered from them.`);
    }
    return checker.tip;
  }

  async #storedTip(db: Mirror['db'], params: NetworkParams): Promise<HashHex | undefined> {
    const sealed = await db.get(TIP_KEY);
    const value = sealed === undefined ? undefined : unseal(TIP_KEY, sealed);
    if (value?.length === HASH_BYTES) return displayHash(value);
    const empty = (await db.keys({ gte: Uint8Array.of(PREFIX.body), lt: Uint8Array.of(PREFIX.body + 1), limit: 1 }).all()).length === 0;
    if (empty && sealed === undefined) return params.genesisHash;
    this.#faults.add('tip', 'The record of the tip is lost or damaged; the branch with the most work is chosen at the next start.');
    return undefined;
  }

  /** Checksums and form; whether each active transaction is in it was looked up with its block. Returns how many are whole. */
  async #countTransactionIndex(db: Mirror['db']): Promise<number> {
    const cursor = await cursorOf(db, PREFIX.transaction, 'transaction index', this.#events);
    let whole = 0;
    for (; cursor.head !== undefined; await cursor.advance()) {
      const { key, value } = cursor.head;
      if (value === undefined) continue;
      if (key.length !== 1 + HASH_BYTES || decodePlace(value) === undefined) this.#faults.add('format', 'An entry of the transaction index cannot be read.');
      else whole++;
    }
    this.#counts.indexedTransactions = whole;
    return whole;
  }

  /** Peers, metadata, and what has no known prefix. */
  async #checkRest({ db }: Mirror): Promise<void> {
    const peers = await cursorOf(db, PREFIX.peer, 'known peers', this.#events);
    for (; peers.head !== undefined; await peers.advance()) {
      this.#counts.peers++;
      if (peers.head.value !== undefined && !isPeerRecord(peers.head.value)) this.#faults.add('format', `The record ${nameOf(peers.head.key)} is no peer.`);
    }
    const metadata = await cursorOf(db, PREFIX.meta, 'metadata', this.#events);
    for (; metadata.head !== undefined; await metadata.advance()) this.#counts.metadata++;
    const all = [...KNOWN_PREFIXES].sort((a, b) => a - b);
    const gaps = [-1, ...all].map((prefix, i) => {
      const next = all[i];
      return { ...(prefix < 0 ? {} : { gte: Uint8Array.of(prefix + 1) }), ...(next === undefined ? {} : { lt: Uint8Array.of(next) }) };
    });
    for (const range of gaps) {
      const unknown = await RecordCursor.open(db, range, 'unknown records', this.#events);
      for (; unknown.head !== undefined; await unknown.advance()) this.#counts.unknownRecords++;
    }
    if (this.#counts.unknownRecords > 0) this.#notes.push(`${count(this.#counts.unknownRecords, 'record')} of a kind that this Chainscope does not know.`);
  }
}

async function takeHeight(heights: RecordCursor, height: number, faults: FaultList): Promise<HashHex | undefined> {
  let hash: HashHex | undefined;
  while (heights.head !== undefined && (heightOf(heights.head) ?? height) <= height) {
    const { key, value } = heights.head;
    if (key.length !== activeKey(0).length || (value !== undefined && value.length !== HASH_BYTES)) faults.add('format', 'An entry of the height map cannot be read.', { height });
    else if (value !== undefined) hash = displayHash(value);
    await heights.advance();
  }
  return hash;
}

/** The highest stored body, for the progress. */
async function lastHeight(db: Mirror['db']): Promise<number> {
  const [key] = await db.keys({ gte: Uint8Array.of(PREFIX.body), lt: Uint8Array.of(PREFIX.body + 1), reverse: true, limit: 1 }).all();
  return key === undefined || key.length < 5 ? 0 : readHeight(key);
}

function isPeerRecord(value: Uint8Array): boolean {
  try {
    const peer = JSON.parse(utf8Decode(value)) as unknown;
    return typeof peer === 'object' && peer !== null && typeof (peer as { address?: unknown }).address === 'string';
  } catch {
    return false;
  }
}

const RECORD_NAMES = new Map<number, string>([
  [PREFIX.index, 'of the block index'],
  [PREFIX.page, 'of a page of the block index'],
  [PREFIX.body, 'of a block'],
  [PREFIX.active, 'of the height map'],
  [PREFIX.transaction, 'of the transaction index'],
  [PREFIX.peer, 'of a known peer'],
  [PREFIX.meta, 'of metadata'],
]);

/** What a key belongs to, for a person. */
function nameOf(key: Uint8Array): string {
  const name = RECORD_NAMES.get(key[0] ?? -1) ?? 'of an unknown kind';
  const height = heightIn(key);
  if (height !== undefined) return `${name} at height ${String(height)}`;
  if (key[0] !== PREFIX.meta && key[0] !== PREFIX.peer) return name;
  const text = Array.from(key.subarray(1, 61), (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?')).join('');
  return `${name} "${text}"`;
}

function heightIn(key: Uint8Array): number | undefined {
  const kinds: readonly number[] = [PREFIX.index, PREFIX.page, PREFIX.body, PREFIX.active];
  return kinds.includes(key[0] ?? -1) && key.length >= 5 ? readHeight(key) : undefined;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${String(n)} ${n === 1 ? one : many}`;
}
