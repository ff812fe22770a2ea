import { blockWork } from '../../src/node/consensus/target.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import type { TipStatus } from '../../src/node/net/messages.ts';
import { NET_LIMITS } from '../../src/node/net/limits.ts';
import type { MinedBlock } from './mine-fork.ts';
import type { RawPeer } from './raw-peer.ts';

const GENESIS_WORK = blockWork(REGTEST.powLimitBits);

/** What a node says about its tip after these blocks on genesis. */
export function tipOf(blocks: readonly MinedBlock[]): TipStatus {
  const work = blocks.reduce((sum, { header }) => sum + blockWork(header.bits), GENESIS_WORK);
  return { hash: blocks.at(-1)?.hash ?? REGTEST.genesisHash, height: blocks.length, chainwork: work };
}

/** Lets a played peer that says `runs` in its version answer `getblocks` as well: as many blocks as `perMessage` in each `blocks`. */
export function serveRuns(peer: RawPeer, blocks: readonly MinedBlock[], perMessage = 100): void {
  serveChain(peer, blocks);
  peer.answers.getblocks = ({ last, count }) => {
    const end = blocks.findIndex((block) => block.hash === last);
    const run = end < 0 ? [] : blocks.slice(Math.max(0, end + 1 - count), end + 1);
    for (let from = 0; from < run.length; from += perMessage) peer.send({ type: 'blocks', bodies: run.slice(from, from + perMessage).map(({ bytes }) => bytes) });
    if (run.length < count) peer.send({ type: 'notfound', entries: [{ kind: 'block', hash: last }] });
  };
}

/** Lets a played peer answer for a chain of blocks on genesis, as an honest node would; a test then replaces what shall go wrong. */
export function serveChain(peer: RawPeer, blocks: readonly MinedBlock[]): void {
  peer.answers.getheaders = ({ locator }) => {
    const at = locator.map((hash) => blocks.findIndex((block) => block.hash === hash)).find((index) => index >= 0) ?? -1;
    peer.send({ type: 'headers', headers: blocks.slice(at + 1, at + 1 + NET_LIMITS.headersPerMessage).map(({ header }) => header) });
  };
  peer.answers.getdata = ({ entries }) => {
    for (const { hash } of entries) {
      const block = blocks.find((candidate) => candidate.hash === hash);
      if (block !== undefined) peer.send({ type: 'block', hash, header: block.header, bytes: block.bytes });
      else peer.send({ type: 'notfound', entries: [{ kind: 'block', hash }] });
    }
  };
}
