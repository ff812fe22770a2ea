export { PeerPool } from './pool.ts';
export { ListenError, type NetChain, type NetMempool, type PeerPoolEvents, type PeerPoolModules, type PeerPoolOptions, type PeerStore, type StoredPeer } from './types.ts';
export { parseAddress, type PeerAddress } from './address.ts';
export { NET_LIMITS } from './limits.ts';
