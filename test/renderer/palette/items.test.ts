import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChainscopeBridge } from '../../../src/shared/ipc.ts';
import { block, chainOf, peer, snapshotOf } from '../store/helpers.ts';

const bridge = {
  platform: 'linux',
  on: () => () => undefined,
  getBlock: vi.fn(() => Promise.resolve({ ok: true, value: block('far', null, 2) })),
  copyText: vi.fn(() => Promise.resolve({ ok: true, value: null })),
  removePeer: vi.fn(() => Promise.resolve({ ok: true, value: true })),
  cutPeer: vi.fn((_: object) => Promise.resolve({ ok: true, value: null })),
  mendPeer: vi.fn((_: object) => Promise.resolve({ ok: true, value: null })),
};
vi.stubGlobal('window', { chainscope: bridge as unknown as ChainscopeBridge });
const { applySnapshot, emptyNodeState } = await import('../../../src/renderer/store/node-state.ts');
const { useUi } = await import('../../../src/renderer/store/ui-store.ts');
const { useNode } = await import('../../../src/renderer/store/index.ts');
const { cutAllPeers, mendAllPeers } = await import('../../../src/renderer/panels/peers/actions.ts');
const { useTamper } = await import('../../../src/renderer/tamper/tamper-store.ts');
const { commandItems, paletteGroups } = await import('../../../src/renderer/palette/items.ts');
const { parseQuery } = await import('../../../src/renderer/palette/query.ts');

const NONE = { byHash: [], byText: [], reach: null, problem: null };
const snapshot = snapshotOf(chainOf('a', 6));
snapshot.peers = [
  peer('Birch', { height: 6, tipHash: 'b'.repeat(64) }),
  peer('Cedar', { state: 'waiting', verdict: 'unknown' }),
];
const state = applySnapshot(emptyNodeState, snapshot);
const groups = (text: string, found = NONE): Record<string, string[]> =>
  Object.fromEntries(paletteGroups(parseQuery(text, 'run'), state, useUi.getState(), found).map(({ value, items }) => [value, items.map(({ label }) => label)]));
const itemOf = (text: string, label: string) => {
  const item = paletteGroups(parseQuery(text, 'run'), state, useUi.getState(), NONE).flatMap(({ items }) => items).find((each) => each.label === label);
  if (item === undefined) throw new Error(`no row ${label}`);
  return item;
};

beforeEach(() => vi.clearAllMocks());
afterEach(() => useUi.setState({ selectedHash: null }));

describe('the rows of the palette', () => {
  it('finds a height of the chain, and none above the tip', () => {
    expect(groups('3')['Height']).toEqual(['Block 3']);
    expect(groups('7')['Height']).toBeUndefined();
    itemOf('3', 'Block 3').run();
    expect(useUi.getState().selectedHash).toBe(state.active[3]);
  });

  it('asks the node for a height that the window does not hold', async () => {
    const short = { ...state, active: state.active.slice(4) };
    const [first] = paletteGroups(parseQuery('2', 'run'), short, useUi.getState(), NONE);
    first?.items[0]?.run();
    await vi.waitFor(() => expect(useUi.getState().selectedHash).toBe(block('far', null, 2).hash));
    expect(bridge.getBlock).toHaveBeenCalledWith(2);
  });

  it('shows nothing of an answer that comes after another choice', async () => {
    let answer: (value: { ok: true; value: ReturnType<typeof block> }) => void = () => undefined;
    bridge.getBlock.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const [first] = paletteGroups(parseQuery('2', 'run'), { ...state, active: state.active.slice(4) }, useUi.getState(), NONE);
    first?.items[0]?.run();
    itemOf('3', 'Block 3').run();
    const chosen: (string | null)[] = [];
    const off = useUi.subscribe(({ selectedHash }) => chosen.push(selectedHash));
    answer({ ok: true, value: block('late', null, 2) });
    // The answer to a question that was asked afterwards comes after it.
    first?.items[0]?.run();
    await vi.waitFor(() => expect(useUi.getState().selectedHash).toBe(block('far', null, 2).hash));
    off();
    expect(chosen).toEqual([block('far', null, 2).hash]);
  });

  it('copies addresses that can be dialled: IPv6 in brackets, and loopback for all of this computer', () => {
    for (const [host, shown] of [['::1', '[::1]'], ['::', '[::1]'], ['0.0.0.0', '127.0.0.1'], ['192.168.0.2', '192.168.0.2']] as const) {
      const node = { ...snapshot.node, p2p: { host, port: 5001 } };
      commandItems({ ...state, node }, useUi.getState()).find(({ id }) => id === 'addresses')?.run();
      expect(bridge.copyText).toHaveBeenLastCalledWith({ text: expect.stringContaining(`ws://${shown}:5001`) as string });
    }
  });

  it('finds peers by name and address, and shows the block that one holds', () => {
    expect(groups('@bir')).toEqual({ Peers: ['Birch'] });
    expect(groups('@')).toEqual({ Peers: ['Birch', 'Cedar'] });
    itemOf('@bir', 'Birch').run();
    expect(useUi.getState().selectedHash).toBe('b'.repeat(64));
    expect(itemOf('@ced', 'Cedar')).toMatchObject({ note: 'not connected', focus: 'peer-Cedar' });
  });

  it('UI-28 finds commands, and cuts or removes a peer only when asked for by a word', () => {
    expect(groups('>')['Commands']).not.toContain('Remove peer Birch');
    expect(groups('>')['Commands']).not.toContain('Cut the link to Birch');
    expect(groups('>cut birch')['Commands']).toEqual(['Cut the link to Birch']);
    itemOf('>cut birch', 'Cut the link to Birch').run();
    expect(bridge.cutPeer).toHaveBeenCalledWith({ key: 'Birch' });
    expect(groups('>spawn a peer')['Commands']).toEqual(['Spawn a peer']);
    itemOf('>remove birch', 'Remove peer Birch').run();
    expect(bridge.removePeer).toHaveBeenCalledWith({ key: 'Birch' });
  });

  it('offers nothing to cut where there is no link, and nothing that only contains the word', () => {
    const commands = (text: string): string[] => paletteGroups(parseQuery(text, 'run'), { ...state, peers: new Map() }, useUi.getState(), NONE).flatMap(({ items }) => items.map(({ label }) => label));
    expect(commands('>cut')).toEqual([]);
    expect(commands('>shortcut')).toEqual(['Switch single-letter shortcuts off']);
    expect(commands('>letter')).toEqual(['Switch single-letter shortcuts off']);
  });

  it('UI-28 tampers with the block that is shown, and restores it', () => {
    expect(groups('>tamper')['Commands']).toEqual(['Tamper with block 6']);
    expect(itemOf('>tamper', 'Tamper with block 6')).toMatchObject({ focus: 'tamper-data' });
    useUi.setState({ selectedHash: state.active[2] ?? null });
    expect(groups('>breaks')['Commands']).toEqual(['Tamper with block 2']);
    // A block that the window does not hold: its height is known from who chose it, or not.
    useUi.setState({ selectedHash: 'f'.repeat(64), selectedHeight: 1234 });
    expect(groups('>tamper')['Commands']).toEqual(['Tamper with block 1,234']);
    useUi.setState({ selectedHash: 'f'.repeat(64), selectedHeight: null });
    expect(groups('>tamper')['Commands']).toEqual(['Tamper with the block that is shown']);
    useTamper.setState({ target: { hash: 'f'.repeat(64), height: 1234, dataText: '1', shown: '1', isText: false, told: false } });
    expect(groups('>restore')['Commands']).toEqual(['Restore block 1,234']);
    expect(groups('>tamper')['Commands']).toBeUndefined();
    itemOf('>restore', 'Restore block 1,234').run();
    expect(useTamper.getState().target).toBeNull();
  });

  it('UI-28 mends what is cut, one link or all', () => {
    const ghost = peer('Dune', { state: 'cut', cutBy: 'them' });
    const cut = { ...state, peers: new Map([...state.peers, ['Dune', ghost]]) };
    const of = (text: string) => paletteGroups(parseQuery(text, 'run'), cut, useUi.getState(), NONE).flatMap(({ items }) => items);
    expect(of('>mend dune').map(({ label }) => label)).toEqual(['Mend the link to Dune']);
    expect(of('>cut dune')).toEqual([]);
    expect(of('@dune')[0]).toMatchObject({ note: 'cut by Dune', focus: 'peer-Dune' });
    of('>mend dune')[0]?.run();
    expect(bridge.mendPeer).toHaveBeenCalledWith({ key: 'Dune' });
    expect(of('>freeze network').map(({ label }) => label)).toEqual(['Cut all links']);
    expect(of('>mend all').map(({ label }) => label)).toEqual(['Mend all links']);
    expect(groups('>')['Commands']).not.toContain('Mend all links');
  });

  it('UI-28 cuts and mends all links in one go', async () => {
    const peers = new Map([peer('A'), peer('B', { state: 'cut', cutBy: 'us' }), peer('C', { state: 'cut', cutBy: 'them' })].map((each) => [each.key, each]));
    useNode.setState({ peers });
    bridge.cutPeer.mockClear();
    bridge.mendPeer.mockClear();
    await cutAllPeers();
    expect(bridge.cutPeer.mock.calls).toEqual([[{ key: 'A' }], [{ key: 'C' }]]);
    await mendAllPeers();
    expect(bridge.mendPeer.mock.calls).toEqual([[{ key: 'B' }], [{ key: 'C' }]]);
  });

  it('offers what can be done now', () => {
    const labels = (mining: boolean): string[] =>
      commandItems({ ...state, mining: { ...snapshot.mining, status: mining ? 'mining' : 'idle' } }, useUi.getState()).map(({ label }) => label);
    expect(labels(false)).toContain('Mine a block');
    expect(labels(false)).not.toContain('Stop mining');
    expect(labels(true)).toContain('Stop mining');
    expect(labels(true)).not.toContain('Mine a block');
    expect(commandItems(state, { ...useUi.getState(), theme: 'dark' }).map(({ label }) => label)).not.toContain('Use the dark theme');
    expect(new Set(commandItems(state, useUi.getState()).map(({ id }) => id)).size).toBe(commandItems(state, useUi.getState()).length);
  });

  it('shows a key only while it works', () => {
    const key = (shortcuts: boolean): string | undefined => commandItems(state, { ...useUi.getState(), shortcuts }).find(({ id }) => id === 'mine')?.keys;
    expect(key(true)).toBe('M');
    expect(key(false)).toBeUndefined();
  });

  it('copies the addresses that the node listens on', () => {
    const node = { ...snapshot.node, p2p: { host: '127.0.0.1', port: 5001 }, http: { host: '127.0.0.1', port: 3001 } };
    commandItems({ ...state, node }, useUi.getState()).find(({ id }) => id === 'addresses')?.run();
    expect(bridge.copyText).toHaveBeenCalledWith({ text: 'ws://127.0.0.1:5001\nhttp://127.0.0.1:3001' });
    const { p2p: _p2p, http: _http, ...silent } = node;
    expect(commandItems({ ...state, node: silent }, useUi.getState()).some(({ id }) => id === 'addresses')).toBe(false);
  });

  it('lists what the node found, with the branch in words', () => {
    const found = { ...NONE, byHash: [block('x', null, 4, 'side')], byText: [block('y', null, 5)] };
    const all = paletteGroups(parseQuery('beef', 'run'), state, useUi.getState(), found);
    expect(all.map(({ value }) => value)).toEqual(['Hash', 'In the data']);
    expect(all[0]?.items[0]?.note).toMatch(/^stale, …[0-9a-f]{6} {2}x$/);
  });
});
