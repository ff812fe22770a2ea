import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nameFor, NAME_COUNT } from '../../../src/node/names.ts';
import { defaultWorkerScript } from '../../../src/node/full-node.ts';
import { openNode, readyLine, SettingsError, StoreError, USER_AGENT, VERSION } from '../../../src/node/index.ts';
import { parseSettings } from '../../../src/node/settings.ts';
import { readStoredPeers } from '../../../src/node/stored-peers.ts';
import { MAX_MINER_NAME_BYTES } from '../../../src/node/primitives/limits.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { ask } from '../../helpers/http.ts';
import { dataTransaction, genesisParent, mineBlock } from '../../helpers/mine-fork.ts';
import { httpPort, mine, NodeNetwork, p2pAddress, waitForEvent, waitForTip } from '../../helpers/node.ts';
import { reachableElsewhere } from '../../helpers/reachable.ts';

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

async function occupy(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

describe('FullNode', () => {
  it('keeps its id, its name, its chain and its peers over a restart', async () => {
    const dataDir = await network.folder();
    const other = await network.open();
    const first = await network.open({ dataDir });
    const [hash = ''] = await mine(first, 'kept');
    await first.api.addPeer(p2pAddress(other));
    await waitForTip(other, hash);
    const { nodeId, name } = first.info;
    await first.close();

    const again = await network.open({ dataDir });
    expect(again.info).toMatchObject({ nodeId, name, dataDir, network: 'regtest', version: VERSION, userAgent: USER_AGENT });
    expect(again.api.snapshot().chain.tip.hash).toBe(hash);
    expect(again.api.snapshot().blocks.map((block) => block.origin)).toEqual(['genesis', 'mined']);
    const seq = 0;
    await waitForEvent(again, 'peer', ({ peer }) => peer.state === 'connected' && peer.address === p2pAddress(other), seq);
    expect(again.api.peers()).toMatchObject([{ kept: true, nodeId: other.info.nodeId }]);
  });

  it('forgets what a block holds that joined the chain without being read again', async () => {
    const { api, node } = await network.open();
    const { chain, mempool } = node.parts;
    const stays = await api.submitTransaction('"stays"');
    const goes = await api.submitTransaction('"goes"');
    chain.emit('connect-unread', chain.tip, [goes.id]);
    expect(mempool.entries().map(({ id }) => id)).toEqual([stays.id]);
  });

  it('settles its pending transactions at every tip, before the miner makes a template of them', async () => {
    const running = await network.open();
    const { mempool, miner } = running.node.parts;
    const calls: string[] = [];
    const settle = mempool.settle.bind(mempool);
    mempool.settle = () => {
      calls.push('settle');
      settle();
    };
    const tipChanged = miner.tipChanged.bind(miner);
    miner.tipChanged = () => {
      calls.push('template');
      tipChanged();
    };
    await mine(running, 'x');
    expect(calls).toEqual(['settle', 'template']);
  });

  it('does not count as returned what a block holds that joined the chain without being read again', async () => {
    const { api, node } = await network.open();
    const { chain } = node.parts;
    const { tip } = chain;
    const [stays, goes] = [dataTransaction('stays'), dataTransaction('goes')];
    const told: number[] = [];
    api.subscribe((event) => {
      if (event.type === 'reorg') told.push(event.reorg.returnedTransactions);
    });
    chain.emit('disconnect', tip, mineBlock(genesisParent(), { txs: [stays, goes] }).block);
    chain.emit('connect-unread', tip, [transactionHashHex(goes)]);
    chain.emit('reorg', { fork: tip, oldTip: tip, newTip: tip, disconnected: [tip], connected: [tip] });
    expect(told).toEqual([1]);
  });

  it('takes its name from the settings when they have one', async () => {
    const node = await network.open({ nodeName: 'Ada' });
    expect(node.info.name).toBe('Ada');
    await mine(node, 'x');
    expect((await node.api.getBlock(1))?.minerName).toBe('Ada');
  });

  it('makes a data directory that is not there yet', async () => {
    const dataDir = join(await network.folder(), 'deep', 'inside');
    const node = await network.open({ dataDir });
    await mine(node, 'x');
    expect(node.api.snapshot().chain.tip.height).toBe(1);
  });

  it('STO-08 refuses a data directory that another node holds, and does that one no harm', async () => {
    const first = await network.open();
    const error = await network.open({ dataDir: first.info.dataDir }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'data-dir-locked' });
    expect((error as Error).message).toContain(first.info.dataDir);
    await mine(first, 'still here');
    expect((await ask(httpPort(first), '/blocks')).json()).toHaveLength(2);
  });

  it('STO-07 refuses a data directory that is a file', async () => {
    const dataDir = join(await network.folder(), 'file');
    await writeFile(dataDir, 'not a folder');
    await expect(network.open({ dataDir })).rejects.toMatchObject({ name: 'StoreError', code: 'data-dir-unusable' });
    expect(await readFile(dataDir, 'utf8')).toBe('not a folder');
  });

  it('closes what it opened when a later step fails, so that the directory is free again', async () => {
    const { server, port } = await occupy();
    const dataDir = await network.folder();
    const error = await network.open({ dataDir, httpPort: { value: port, explicit: true } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).toMatchObject({ variable: 'HTTP_PORT' });
    expect((error as Error).message).toContain(String(port));
    const p2p = await network.open({ dataDir, p2pPort: { value: port, explicit: true } }).catch((thrown: unknown) => thrown);
    expect(p2p).toMatchObject({ name: 'SettingsError', variable: 'P2P_PORT' });
    await network.open({ dataDir });
    server.close();
  });

  it('says which address cannot be listened on', async () => {
    await expect(network.open({ p2pHost: '192.0.2.1' })).rejects.toMatchObject({ name: 'SettingsError', variable: 'P2P_HOST' });
  });

  it('listens for other nodes on 127.0.0.1 and nowhere else, unless told otherwise', async () => {
    const { p2pHost } = parseSettings({}, []);
    const node = await network.open({ p2pHost });
    expect(node.info.p2p?.host).toBe('127.0.0.1');
    const port = node.info.p2p?.port ?? 0;
    expect(await reachableElsewhere(port)).toEqual([]);
    const other = await network.open();
    expect(await other.api.addPeer(`127.0.0.1:${String(port)}`)).toMatchObject({ state: 'connected' });
  });

  it('CON-11 moves default ports that are taken, and says so to whoever looks', async () => {
    const [first, second] = [await occupy(), await occupy()];
    const node = await network.open({ httpPort: { value: first.port, explicit: false }, p2pPort: { value: second.port, explicit: false } });
    expect(node.info.http).toMatchObject({ movedFrom: first.port });
    expect(node.info.p2p).toMatchObject({ movedFrom: second.port });
    const codes = node.api.snapshot().notices.map((notice) => notice.code);
    expect(codes.filter((code) => code === 'port-moved')).toHaveLength(2);
    expect((await ask(httpPort(node), '/status')).json()).toMatchObject({ node: { http: { movedFrom: first.port } } });
    first.server.close();
    second.server.close();
  });

  it('closes while it mines and while others are connected, and says nothing afterwards', async () => {
    const other = await network.open();
    const node = await network.open({ network: 'main', peers: [] }, network.endless);
    const job = node.api.mine({ dataText: '"never found"' });
    await waitForEvent(node, 'mining', ({ mining }) => mining.hashes > 0);
    const events: unknown[] = [];
    const ended = expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
    await node.close();
    await ended;
    node.api.subscribe((event) => events.push(event));
    await mine(other, 'a block elsewhere');
    expect(events).toEqual([]);
    expect(() => node.api.snapshot()).toThrow(expect.objectContaining({ code: 'node-closing' }) as Error);
    await node.close();
  });

  it('closes the rest, and in time, when one part hangs', async () => {
    const node = await network.open();
    const [hash] = await mine(node, 'kept');
    const { miner } = node.node.parts;
    miner.close = () => new Promise(() => undefined);
    const started = performance.now();
    await node.close();
    expect(performance.now() - started).toBeLessThan(3_000);
    Reflect.deleteProperty(miner, 'close');
    await miner.close();
    const again = await network.open({ dataDir: node.info.dataDir });
    expect(again.api.snapshot().chain.tip.hash).toBe(hash);
  });

  it('does not say the same notice again and again, and keeps no more than it can show', async () => {
    const node = await network.open();
    for (let index = 0; index < 5; index += 1) node.node.notify('error', 'disk-full', 'There is no room. Make some.');
    expect(node.api.snapshot().notices.filter(({ code }) => code === 'disk-full')).toHaveLength(1);
    for (let index = 0; index < 100; index += 1) node.node.notify('info', 'test', `number ${String(index)}`);
    const { notices } = node.api.snapshot();
    expect(notices).toHaveLength(50);
    expect(node.node.notices).toHaveLength(50);
    expect(notices.at(-1)?.message).toBe('number 99');
  });

  it('leaves a directory of another network alone', async () => {
    const dataDir = await network.folder();
    const node = await network.open({ dataDir });
    await mine(node, 'regtest block');
    await node.close();
    await expect(network.open({ dataDir, network: 'main' })).rejects.toBeInstanceOf(StoreError);
    const again = await network.open({ dataDir });
    expect(again.api.snapshot().chain.tip.height).toBe(1);
  });
});

describe('readyLine', () => {
  it('names the node and both addresses', async () => {
    const node = await network.open({ nodeName: 'Ada' });
    const { http, p2p } = node.info;
    expect(readyLine(node.info)).toBe(`Chainscope Ada: HTTP API http://127.0.0.1:${String(http?.port)}, peers ws://127.0.0.1:${String(p2p?.port)}`);
    expect(readyLine({ ...node.info, p2p: { host: '::1', port: 5001 } })).toContain('ws://[::1]:5001');
  });
});

describe('names', () => {
  it('are many, short, and fixed by the id', () => {
    expect(NAME_COUNT).toBeGreaterThan(190);
    const id = new Uint8Array(16);
    const seen = new Set<string>();
    for (let index = 0; index < NAME_COUNT; index += 1) {
      new DataView(id.buffer).setUint32(0, index);
      const name = nameFor(id);
      expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_MINER_NAME_BYTES);
      expect(name).toMatch(/^[A-Z][a-z]+$/);
      seen.add(name);
    }
    expect(seen.size).toBe(NAME_COUNT);
  });
});

describe('readStoredPeers', () => {
  it('leaves out what is no record of a peer', () => {
    const good = { address: 'localhost:5001', kept: true, lastSeen: 5 };
    expect(readStoredPeers([good, null, 5, {}, { address: 'foo', kept: true }, { address: 'a:1' }, { address: 'B:2', kept: false, lastSeen: -1, neighbour: true }])).toEqual([
      good,
      { address: 'b:2', kept: false, neighbour: true, lastSeen: 0 },
    ]);
  });
});

describe('the version', () => {
  it('is that of package.json', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });
});

describe('defaultWorkerScript', () => {
  it('finds worker.js beside a bundle or above a shared chunk', async () => {
    const folder = await network.folder();
    await mkdir(join(folder, 'chunks'));
    expect(defaultWorkerScript(folder)).toBe(join(folder, 'worker.js'));
    await writeFile(join(folder, 'worker.js'), '');
    expect(defaultWorkerScript(join(folder, 'chunks'))).toBe(join(folder, 'worker.js'));
    expect(defaultWorkerScript(folder)).toBe(join(folder, 'worker.js'));
  });
});

describe('openNode', () => {
  it('refuses to mine with a message when the threads cannot be started', async () => {
    const node = await openNode(await network.settings(), { logger: nullLogger, workers: 1, workerScript: '/nowhere/worker.js' });
    await expect(node.api.mine({ dataText: '1' }).done).rejects.toMatchObject({ code: 'mining-failed' });
    await node.close();
  });
});
