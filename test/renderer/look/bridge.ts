/** `window.chainscope` without Electron's main process: answers from the made-up node. The address's query chooses the scene. */
import type { ChainscopeBridge, EventPush, IpcPushes, IpcPushName } from '../../../src/shared/ipc.ts';
import type { NodeEventBody } from '../../../src/shared/events.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';
import { makeDetail, makeMining, makeSnapshot, RATES } from './scenario.ts';

const query = new URLSearchParams(location.search);
const scene = query.get('scene') ?? 'mining';
const now = Date.now();
const mining = {
  status: 'mining',
  jobId: 1,
  dataPreview: 'Lin pays Grace 2.50',
  hashes: 451_904,
  hashRate: 1_240_000,
  rateHistory: RATES,
  bestZeroBits: 18,
} as const;
const snapshot = makeSnapshot(now, scene === 'alone' ? 0 : 4, scene === 'mining' ? mining : {});
let preferences = { theme: query.get('theme') === 'light' ? ('light' as const) : ('dark' as const), shortcuts: true, followTip: true, hints: 'off' as const };
if (scene === 'alone') {
  const only = snapshot.blocks[0];
  if (only !== undefined) {
    only.height = 0;
    only.previousHash = '0'.repeat(64);
    only.origin = 'genesis';
    snapshot.blocks = [only];
    snapshot.chain.tip = { hash: only.hash, height: 0, time: only.time, chainwork: '100000' };
    snapshot.chain.blockCount = 1;
    snapshot.chain.sideTips = [];
    snapshot.mining.height = 1;
  }
}
if (scene === 'trouble') {
  const [first, second, third] = snapshot.peers;
  if (first !== undefined && second !== undefined && third !== undefined) {
    snapshot.peers = [
      first,
      { ...second, state: 'waiting', nextRetryAt: now + 14_000, attempts: 2, lastError: 'Nothing answers on 5003: is that node running? It is tried again by itself.' },
      { ...third, state: 'connecting' },
      ...snapshot.peers.slice(3),
      ...Array.from({ length: 3 }, (_, index) => ({ ...first, key: `more${index}`, nodeId: `${index}f`.repeat(16), name: `Fern ${index}` })),
    ];
  }
  snapshot.sync = { phase: 'blocks', height: 1317, bestHeaderHeight: 9120, blocksPerSecond: 412, secondsLeft: 19 };
  snapshot.node.p2p = { host: '0.0.0.0', port: 5002, movedFrom: 5001 };
  snapshot.node.network = 'regtest';
}
if (scene.startsWith('peers')) {
  const most = Number(scene.slice('peers'.length));
  const [first] = snapshot.peers;
  if (first !== undefined) {
    snapshot.peers = Array.from({ length: most }, (_, index): PeerInfo => {
      const id = (index * 2_654_435_761).toString(16).padStart(12, '0').slice(-12);
      const one: PeerInfo = { ...first, ...snapshot.peers[index % 4], key: `peer-${String(index)}`, nodeId: id.padEnd(32, id), name: index < 4 ? snapshot.peers[index]?.name ?? '' : `${['Fern', 'Gorse', 'Hazel', 'Iris', 'Juniper'][index % 5] ?? ''} ${String(index)}`, address: `127.0.0.1:${String(5002 + index)}` };
      if (index % 7 === 1) return { ...one, state: 'cut', cutBy: index % 2 === 0 ? 'us' : 'them' };
      if (index % 7 === 3) return { ...one, state: 'waiting', nextRetryAt: now + 14_000, attempts: 2, lastError: `Nothing answers on ${String(5002 + index)}.` };
      return index % 7 === 4 ? { ...one, misbehaviour: 10 } : one;
    });
  }
}
if (scene === 'found') {
  snapshot.mempool = { count: 3, bytes: 500 };
  const { hash, height } = snapshot.chain.tip;
  snapshot.mining = makeMining({ jobId: 3, hashes: 802_113, lastResult: { jobId: 3, outcome: 'found', hashes: 802_113, hash, height } });
}

if (scene === 'long') {
  snapshot.mempool = { count: 1234, bytes: 100_000 };
  const [first, second, third, fourth] = snapshot.peers;
  snapshot.node.name = 'A node with thirty-two characters';
  snapshot.node.p2p = { host: '127.0.0.1', port: 65_535, movedFrom: 5001 };
  snapshot.node.http = { host: '127.0.0.1', port: 65_534, movedFrom: 3001 };
  snapshot.node.network = 'regtest';
  snapshot.chain.bytesOnDisk = 123_456_789_012;
  snapshot.chain.tip.chainwork = 'f'.repeat(22);
  for (const block of snapshot.blocks) block.minerName = 'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW';
  snapshot.mining = makeMining({ ...mining, hashes: 99_999_999, requiredZeroBits: 67, bestZeroBits: 61, hashRate: 999_400, queued: 12, templateRenewals: 31, expectedHashes: 1e15 });
  if (first !== undefined && second !== undefined && third !== undefined && fourth !== undefined) {
    Object.assign(first, { name: 'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW', bytesIn: 123_456_789_012, bytesOut: 999_999_999, height: 123_456_789, latencyMs: 12_345 });
    Object.assign(second, { name: undefined, address: '[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:65535', state: 'waiting', nextRetryAt: now + 1_200_000, lastError: 'x'.repeat(200) });
    Object.assign(third, { verdict: 'behind', blocksBehind: 123_456_789, misbehaviour: 100 });
  }
}

const listeners: { [P in IpcPushName]: Set<(payload: IpcPushes[P]) => void> } = { events: new Set(), preferences: new Set(), menu: new Set() };
let seq = snapshot.seq;
function push(...bodies: NodeEventBody[]): void {
  const events = bodies.map((body) => {
    seq += 1;
    return { ...body, seq, at: Date.now() };
  });
  const payload: EventPush = { kind: 'events', events };
  for (const listener of listeners.events) listener(payload);
}

const ok = <T>(value: T): Promise<{ ok: true; value: T }> => Promise.resolve({ ok: true, value });
const relink = (key: string, changes: Partial<PeerInfo>): Promise<{ ok: true; value: PeerInfo } | { ok: false; error: { code: 'not-found'; message: string } }> => {
  const old = snapshot.peers.find((peer) => peer.key === key);
  if (old === undefined) return Promise.resolve({ ok: false, error: { code: 'not-found', message: 'This node has no such peer.' } });
  const { cutBy: _, ...rest } = old;
  const value: PeerInfo = { ...rest, ...changes };
  push({ type: 'peer', peer: value });
  return ok(value);
};
const long = 'A long text. '.repeat(60);

const bridge: ChainscopeBridge = {
  platform: 'linux',
  on(name, listener) {
    listeners[name].add(listener);
    return () => listeners[name].delete(listener);
  },
  snapshot: () => (scene === 'lost' ? Promise.resolve({ ok: false, error: { code: 'node-closing', message: 'It is closing, or it has crashed. Restart Chainscope if this stays.' } }) : ok(snapshot)),
  getBlock: (ref) => {
    const block = snapshot.blocks.find(({ hash, height, branch }) => hash === ref || (height === ref && branch === 'active'));
    if (block === undefined) return ok(null);
    if (scene === 'invalid') {
      const message = 'The merkle root in the header is not that of its transactions. The block and all above it are refused.';
      return ok({ ...makeDetail({ ...block, branch: 'invalid' }, snapshot.blocks, '{"amount": 99.9, "unit": "C"}'), invalidReason: { rule: 'bad-merkle-root', expected: 'a', got: 'b', message } });
    }
    return ok(makeDetail(block, snapshot.blocks, JSON.stringify(scene === 'trouble' ? long : scene === 'long' ? 'W'.repeat(400) : block.dataPreview)));
  },
  tamper: () => ok(null),
  checkBlock: (hash) => ok({ hash, ms: 0.21, times: { read: 0.08, work: 0.012, parent: 0.02, time: 0.01, data: 0.09 } }),
  getBlocks: ({ from = 0, limit = 1000 }) => ok(snapshot.blocks.filter(({ height, branch }) => branch === 'active' && height >= from).slice(0, limit)),
  overview: () => ok({ tip: snapshot.chain.tip, buckets: [], blocks: snapshot.chain.tip.height + 1, forks: snapshot.chain.sideTips.length }),
  chainIndex: ({ from }) => ok({ tip: snapshot.chain.tip, from, count: 0, hashes: '', times: [], bits: [] }),
  forks: () => ok({ forks: snapshot.chain.sideTips, more: false }),
  findBlocks: (query) => {
    const found = snapshot.blocks.filter((block) =>
      'hash' in query ? block.hash.startsWith(query.hash) || block.hash.endsWith(query.hash) : block.dataPreview.toLowerCase().includes(query.text.toLowerCase()),
    );
    return ok({ blocks: found.reverse().slice(0, query.limit ?? 20), searched: snapshot.blocks.length, complete: true });
  },
  stopFinding: () => ok(null),
  mine: () => {
    push({ type: 'mining', mining: makeMining(mining) });
    return ok({ jobId: 1 });
  },
  stopMining: () => {
    push({ type: 'mining', mining: makeMining({ jobId: 1, hashes: 451_904, lastResult: { jobId: 1, outcome: 'stopped', hashes: 451_904 } }) });
    return ok(true);
  },
  addPeer: ({ address }) =>
    new Promise((resolve) => {
      setTimeout(() => {
        resolve({ ok: false, error: { code: 'nothing-answers', message: `Nothing answers on ${address.split(':').at(-1) ?? ''}. Start that node, or keep trying.` } });
      }, 300);
    }),
  removePeer: ({ key }) => {
    push({ type: 'peer-removed', key });
    return ok(true);
  },
  cutPeer: ({ key }) => relink(key, { state: 'cut', cutBy: 'us' }),
  mendPeer: ({ key }) => relink(key, { state: 'connecting' }),
  submitTransaction: () => Promise.reject(new Error('not part of this picture')),
  transactions: () => ok([]),
  spawnPeer: () => Promise.resolve({ ok: false, error: { code: 'internal', message: 'There is no program to start here. Open Chainscope a second time instead.' } }),
  getPreferences: () => ok(preferences),
  setPreferences: (patch) => {
    preferences = { ...preferences, ...(patch as Partial<typeof preferences>) };
    return ok(preferences);
  },
  copyText: () => ok(null),
};
Object.defineProperty(window, 'chainscope', { value: bridge });
Object.defineProperty(window, 'pushEvents', { value: push });
Object.defineProperty(window, 'scenario', { value: snapshot });
