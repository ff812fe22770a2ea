import type { BlockDetail, ListedBlock, TransactionInfo } from '../../shared/blocks.ts';
import type { MempoolEntryInfo, NodeSnapshot } from '../../shared/events.ts';
import type { PeerCounts, PeerInfo } from '../../shared/peers.ts';
import { HTTP_LIMITS } from './limits.ts';

/**
 * JSON text of an object whose values are already JSON text. A block's data is put in exactly as it was mined: parsing it and printing it again
 * could change it (1.0, big numbers), and what is shown must be what was hashed.
 */
function object(fields: readonly (readonly [name: string, text: string])[]): string {
  return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

const quoted = (text: string): string => JSON.stringify(text);

/** Hashes, numbers and names of kinds need no escape. */
function transactionText({ id, kind, dataText, size, time }: TransactionInfo): string {
  return `{"id":"${id}","kind":"${kind}","data":${dataText},"size":${String(size)}${time === undefined ? '' : `,"timestamp":${String(time)}`}}`;
}

/** The fields that every answer with a block begins with. Spelled out: a chain that is streamed makes a hundred thousand of these a second. */
function commonFields(block: ListedBlock): string {
  const { height, hash, previousHash, time, dataText, nonce, bits, difficulty, merkleRoot } = block;
  let transactions = '';
  for (const transaction of block.transactions) transactions += `${transactions === '' ? '' : ','}${transactionText(transaction)}`;
  return `"height":${String(height)},"hash":"${hash}","lastHash":"${previousHash}","timestamp":${String(time * 1000)},"data":${dataText},"nonce":${String(nonce)},"bits":${String(bits)},"difficulty":${String(difficulty)},"merkleRoot":"${merkleRoot}","transactions":[${transactions}]`;
}

/** One block of `GET /blocks`. */
export function blockText(block: ListedBlock): string {
  return `{${commonFields(block)}}`;
}

/** The answer of `GET /blocks/:heightOrHash`. */
export function blockDetailText(block: BlockDetail): string {
  const more = object([
    ['version', String(block.version)],
    ['branch', quoted(block.branch)],
    ['confirmations', String(block.confirmations)],
    ['chainwork', quoted(block.chainwork)],
    ['size', String(block.size)],
    ['header', quoted(block.headerHex)],
    ['zeroBits', String(block.zeroBits)],
    ['requiredZeroBits', String(block.requiredZeroBits)],
    ['minerId', quoted(block.minerId)],
    ['minerName', quoted(block.minerName)],
    ['receivedAt', String(block.receivedAt)],
    ['origin', quoted(block.origin)],
    ['children', JSON.stringify(block.children)],
    ...(block.invalidReason === undefined ? [] : [['invalidReason', JSON.stringify(block.invalidReason)] as const]),
  ]);
  return `{${commonFields(block)},${more.slice(1)}`;
}

/** One entry of `GET /transactions`. */
export function pendingText(entry: MempoolEntryInfo): string {
  return object([
    ['id', quoted(entry.id)],
    ['data', entry.dataText],
    ['size', String(entry.size)],
    ['timestamp', String(entry.time)],
    ['receivedAt', String(entry.receivedAt)],
  ]);
}

export function countPeers(peers: readonly PeerInfo[]): PeerCounts {
  const connected = peers.filter((peer) => peer.state === 'connected');
  return {
    connected: connected.length,
    inbound: connected.filter((peer) => peer.direction === 'inbound').length,
    outbound: connected.filter((peer) => peer.direction === 'outbound').length,
    kept: peers.filter((peer) => peer.kept).length,
  };
}

/** The answer of `GET /status`: the snapshot without the lists that have endpoints of their own. */
export function statusText(snapshot: NodeSnapshot): string {
  const { seq, node, chain, peers, mining, mempool, sync, notices } = snapshot;
  return JSON.stringify({ seq, node, chain, peers: countPeers(peers), mining, mempool, sync, notices });
}

const encoder = new TextEncoder();

/**
 * A JSON array of blocks as a stream, one block a line. Blocks are taken from the source only when the reader has room, so a reader that
 * stops costs one chunk; when it leaves, the source is told to stop.
 * @param cut called when the blocks cannot be read to their end: the status line is gone already, so a cut connection is the only way left to
 * say that this is not the whole chain
 */
export function blockArrayStream(blocks: AsyncIterable<ListedBlock>, cut: (error: unknown) => void): ReadableStream<Uint8Array> {
  const source = blocks[Symbol.asyncIterator]();
  let started = false;
  /** The reader went away: what was being read for it goes nowhere, and that is no failure. */
  let left = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = started ? '' : '[';
        let first = !started;
        started = true;
        try {
          for (;;) {
            const next = await source.next();
            if (left) return;
            if (next.done === true) {
              controller.enqueue(encoder.encode(`${text}\n]\n`));
              controller.close();
              return;
            }
            text += `${first ? '' : ','}\n${blockText(next.value)}`;
            first = false;
            if (text.length >= HTTP_LIMITS.streamChunkBytes) break;
          }
          controller.enqueue(encoder.encode(text));
        } catch (error) {
          if (left) return;
          cut(error);
          controller.close();
        }
      },
      async cancel() {
        left = true;
        await source.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
