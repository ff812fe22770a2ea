/** The rows of the palette: what they say and what they do. */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { reachableAt } from '../../shared/listen.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { IDS, LETTERS } from '../app/shortcuts.ts';
import { toasts } from '../app/toast-manager.ts';
import { client, toApiError } from '../lib/client.ts';
import { showHints } from '../hints/hints-store.ts';
import { formatNumber } from '../lib/format.ts';
import { hashEnding } from '../lib/identity.ts';
import { ctrlName } from '../lib/keys.ts';
import { MAX_LISTED_COMMANDS, MAX_LISTED_PEERS } from '../lib/limits.ts';
import { startMining, stopMining } from '../panels/mine/draft.ts';
import { cutAllPeers, cutPeer, mendAllPeers, mendPeer, removePeer, spawnPeer } from '../panels/peers/actions.ts';
import { peerName, verdictOf, waitingFor } from '../panels/peers/words.ts';
import { enterPresent, FIRST_SCENE, leavePresent, usePresent } from '../present/present-store.ts';
import { choosing, fetchDetail, goToTip, type NodeState, select, setFollowTip, setShortcuts, setTableOpen, setTheme, type UiState } from '../store/index.ts';
import { beginTamper, restore, useTamper } from '../tamper/tamper-store.ts';
import { openPalette } from './palette-store.ts';
import { type Named, type Query, rankAll } from './query.ts';
import type { Found } from './use-found.ts';

export interface PaletteItem {
  id: string;
  label: string;
  /** A second line, or what stands at the end of the first. */
  note?: string;
  /** A text from a block, with which the note ends: it has a direction of its own. */
  data?: string;
  /** Keys that do the same. */
  keys?: string;
  /** A block's hash, for its seal. */
  hash?: HashHex;
  peer?: PeerInfo;
  /** Other words that find it. */
  words?: string;
  /** Not found by the middle of a word: `cut` with no link to cut must not end at the switch for shortcuts. */
  byBeginnings?: true;
  run: () => void;
  /** The palette goes on: the row only changes what it asks for. */
  stays?: true;
  /** Id of the element that takes the focus afterwards; it goes back to where it was when absent. */
  focus?: string;
}

export interface PaletteGroup {
  value: string;
  items: PaletteItem[];
}

const branchWord = { active: '', side: 'stale, ', invalid: 'invalid, ' } as const;

function blockItem(block: BlockSummary, kind: string): PaletteItem {
  return {
    id: `${kind}-${block.hash}`,
    label: `Block ${formatNumber(block.height)}`,
    note: `${branchWord[block.branch]}…${hashEnding(block.hash, 6)}  ${block.dataPreview}`,
    data: block.dataPreview,
    hash: block.hash,
    run: () => select(block.hash, block.height),
  };
}

/** Selects the active block of a height, wherever it is kept. */
async function goToHeight(height: number): Promise<void> {
  const isLast = choosing();
  try {
    const block = await fetchDetail(height);
    if (!isLast()) return;
    if (block === null) toasts.warning(`No block ${formatNumber(height)}`, 'The chain is shorter than that now.');
    else select(block.hash, block.height);
  } catch (thrown) {
    toasts.error(`Block ${formatNumber(height)} was not shown`, toApiError(thrown).message);
  }
}

function heightItems(height: number, state: NodeState): PaletteItem[] {
  const tip = state.chain?.tip.height ?? -1;
  if (height > tip) return [];
  const hash = state.active[state.active.length - 1 - (tip - height)];
  const held = hash === undefined ? undefined : state.blocks.get(hash);
  if (held !== undefined) return [blockItem(held, 'height')];
  return [{ id: 'height', label: `Block ${formatNumber(height)}`, note: 'go to this height', run: () => void goToHeight(height) }];
}

/** Choosing a peer shows the block that it holds; of one that has told none, the row is where things can be done. */
function peerItem(peer: PeerInfo): PaletteItem {
  const { tipHash } = peer;
  const name = peerName(peer);
  const where = peer.height === undefined ? '' : ` on block ${formatNumber(peer.height)}`;
  return {
    id: `peer-${peer.key}`,
    label: name,
    note: peer.state === 'connected' ? `${verdictOf(peer).text}${where}` : peer.state === 'cut' ? waitingFor(peer, 0).text : 'not connected',
    peer,
    words: `${peer.address} ${peer.userAgent ?? ''}`,
    ...(peer.state === 'connected' && tipHash !== undefined ? { run: () => select(tipHash) } : { run: leavePresent, focus: `peer-${peer.key}` }),
  };
}

const letter = (command: string): string | undefined => LETTERS.find((each) => each.command === command)?.key;

async function copy(text: string, what: string): Promise<void> {
  try {
    await client().copyText({ text });
    toasts.info(`${what} copied`, text, { id: 'copied' });
  } catch (thrown) {
    toasts.error(`${what} was not copied`, toApiError(thrown).message);
  }
}

/** The hints are about the panels, which a presentation hides. */
function showFromPalette(): void {
  leavePresent();
  showHints();
}

/** Changing a copy of the block that is shown, or ending that. The panel with its field is hidden by a presentation. */
function tamperItems(state: NodeState, ui: UiState, presenting: boolean): PaletteItem[] {
  const { target } = useTamper.getState();
  const words = 'change forge edit data what breaks';
  if (target !== null) return [{ id: 'restore', label: `Restore block ${formatNumber(target.height)}`, words: `undo ${words}`, run: restore }];
  const hash = ui.selectedHash ?? state.chain?.tip.hash;
  if (hash === undefined || presenting) return [];
  const height = ui.selectedHash === null ? state.chain?.tip.height : (state.blocks.get(hash)?.height ?? ui.selectedHeight);
  const label = height === null || height === undefined ? 'Tamper with the block that is shown' : `Tamper with block ${formatNumber(height)}`;
  return [{ id: 'tamper', label, words, run: () => void beginTamper(hash), focus: IDS.tamperData }];
}

/** Every command that makes sense now, most wanted first. */
export function commandItems(state: NodeState, ui: UiState): PaletteItem[] {
  const mining = state.mining?.status === 'mining';
  const peers = [...state.peers.values()];
  const presenting = usePresent.getState().open;
  const keys = (command: string): { keys?: string } => {
    const key = ui.shortcuts ? letter(command) : undefined;
    return key === undefined ? {} : { keys: key };
  };
  const { p2p, http } = state.node ?? {};
  const addresses = [...(p2p === undefined ? [] : [`ws://${reachableAt(p2p)}`]), ...(http === undefined ? [] : [`http://${reachableAt(http)}`])].join('\n');
  const theme = (value: UiState['theme'], label: string): PaletteItem[] =>
    ui.theme === value ? [] : [{ id: `theme-${value}`, label, words: 'colour color appearance', run: () => setTheme(value) }];
  return [
    mining
      ? { id: 'stop', label: 'Stop mining', ...keys('stop-mining'), run: () => void stopMining() }
      : { id: 'mine', label: 'Mine a block', words: 'start', ...keys('mine'), run: () => void startMining() },
    // A presentation hides the form.
    { id: 'add-peer', label: 'Add a peer', words: 'connect address', ...keys('add-peer'), run: leavePresent, focus: IDS.address },
    { id: 'spawn', label: 'Spawn a peer', words: 'new node window', run: () => void spawnPeer() },
    ...(peers.some((peer) => peer.cutBy !== 'us')
      ? [{ id: 'cut-all', label: 'Cut all links', words: 'freeze network partition disconnect', run: () => void cutAllPeers() }]
      : []),
    ...(peers.some((peer) => peer.state === 'cut') ? [{ id: 'mend-all', label: 'Mend all links', words: 'thaw network connect', run: () => void mendAllPeers() }] : []),
    { id: 'height', label: 'Go to a height', words: 'block jump', ...keys('go-to-height'), run: () => openPalette('height'), stays: true },
    { id: 'find', label: 'Find in the data of blocks', words: 'search text', keys: `${ctrlName()} F`, run: () => openPalette('find'), stays: true },
    ...tamperItems(state, ui, presenting),
    { id: 'tip', label: 'Go to the latest block', words: 'tip end', ...keys('go-to-tip'), run: goToTip },
    {
      id: 'table',
      label: ui.tableOpen ? 'Show the chain' : 'Show the table of all blocks',
      words: 'rows list strip',
      ...keys('toggle-table'),
      run: () => setTableOpen(!ui.tableOpen),
    },
    {
      id: 'follow',
      label: ui.followTip ? 'Stop following the tip' : 'Follow the tip',
      words: 'camera latest',
      run: () => setFollowTip(!ui.followTip),
    },
    presenting
      ? { id: 'present', label: 'Stop presenting', words: 'teach projector scenes', keys: 'F5', run: leavePresent }
      : { id: 'present', label: 'Present', words: 'teach projector scenes', keys: 'F5', run: enterPresent, focus: FIRST_SCENE },
    { id: 'hints', label: 'Show the hints of the first minute', words: 'help tour learn begin', run: showFromPalette },
    ...theme('light', 'Use the light theme'),
    ...theme('dark', 'Use the dark theme'),
    ...theme('system', 'Use the system’s theme'),
    ...(addresses === '' ? [] : [{ id: 'addresses', label: 'Copy addresses', words: 'clipboard port', run: () => void copy(addresses, 'Addresses') }]),
    {
      id: 'letters',
      label: ui.shortcuts ? 'Switch single-letter shortcuts off' : 'Switch single-letter shortcuts on',
      words: 'keyboard keys',
      byBeginnings: true,
      run: () => setShortcuts(!ui.shortcuts),
    },
  ];
}

/** One for each peer. Only when something was typed: nobody looks for these among all commands. */
function peerCommands(peers: readonly PeerInfo[]): PaletteItem[] {
  return [
    ...peers.map((peer): PaletteItem =>
      peer.state === 'cut'
        ? { id: `mend-${peer.key}`, label: `Mend the link to ${peerName(peer)}`, words: 'connect restore', run: () => void mendPeer(peer) }
        : { id: `cut-${peer.key}`, label: `Cut the link to ${peerName(peer)}`, words: 'disconnect partition scissors', run: () => void cutPeer(peer) },
    ),
    ...peers.map((peer): PaletteItem => ({ id: `remove-${peer.key}`, label: `Remove peer ${peerName(peer)}`, words: 'disconnect forget delete', run: () => void removePeer(peer) })),
  ];
}

const named = ({ label, words, byBeginnings }: PaletteItem): Named => ({
  name: label,
  ...(words === undefined ? {} : { words }),
  ...(byBeginnings === undefined ? {} : { byBeginnings }),
});

/** The rows for what was typed, in groups; groups without rows are left out. */
export function paletteGroups(query: Query, state: NodeState, ui: UiState, found: Found): PaletteGroup[] {
  const byHash = found.byHash.map((block) => blockItem(block, 'hash'));
  const height = query.height === null ? [] : heightItems(query.height, state);
  const peers = query.peers === null ? [] : rankAll(query.peers, [...state.peers.values()].map(peerItem), named, MAX_LISTED_PEERS);
  const all = query.commands === null ? [] : [...commandItems(state, ui), ...(query.commands === '' ? [] : peerCommands([...state.peers.values()]))];
  const commands = query.commands === null ? [] : rankAll(query.commands, all, named, MAX_LISTED_COMMANDS);
  const groups: PaletteGroup[] = [
    { value: 'Height', items: height },
    { value: 'Hash', items: byHash },
    { value: 'Peers', items: peers },
    { value: 'Commands', items: commands },
    { value: 'In the data', items: found.byText.map((block) => blockItem(block, 'data')) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}
