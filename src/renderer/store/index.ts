export { fetchDetail, knownActive, knownDetail } from './block-details.ts';
export { PEER_ORDERS, sortPeers, useBlock, useNode } from './node-store.ts';
export type { PeerOrder } from './node-store.ts';
export type { Happening, NodeState } from './node-state.ts';
export { choosing, goToTip, replayReorg, select, setFollowTip, setShortcuts, setTableOpen, setTheme, setZoom, takeFocus, takeReplay, useShownHash, useUi } from './ui-store.ts';
export type { UiState } from './ui-store.ts';
