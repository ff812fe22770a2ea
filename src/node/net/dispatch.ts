import type { Logger } from '../util/logger.ts';
import type { AddressBook } from './address-book.ts';
import { PENALTY } from './limits.ts';
import type { Message, MessageType } from './messages.ts';
import type { Peer } from './peer.ts';
import type { Refusals } from './refusals.ts';
import type { Relay } from './relay.ts';
import type { PeerRows } from './rows.ts';
import type { Server } from './serve.ts';
import type { Sync } from './sync/sync.ts';

/** Those that messages are for. */
export interface MessageParts {
  book: AddressBook;
  rows: PeerRows;
  sync: Sync;
  relay: Relay;
  server: Server;
  refusals: Refusals;
}

/** Whether a message of this type answers something that we asked of this peer. */
export function isExpected(parts: MessageParts, peer: Peer, type: MessageType): boolean {
  if (type === 'tx') return parts.relay.waitsFor(peer);
  return parts.sync.expects(peer, type) || (type === 'notfound' && parts.relay.waitsFor(peer));
}

/** Hands a message to whom it concerns. */
export function dispatch(parts: MessageParts, peer: Peer, message: Message, logger: Logger): void {
  // A second connection to the same node, until it is clear which of the two stays.
  if (peer.key === '') return;
  const { sync, relay, server, book, rows } = parts;
  switch (message.type) {
    case 'tip': {
      const changed = peer.tip?.hash !== message.tip.hash;
      sync.onTip(peer, message.tip);
      const row = rows.get(peer.key);
      if (row !== undefined && changed) rows.touch(row);
      break;
    }
    case 'getheaders':
      server.onGetHeaders(peer, message.locator, message.stop);
      break;
    case 'headers':
      sync.onHeaders(peer, message.headers);
      break;
    case 'getdata':
      server.onGetData(peer, message.entries);
      break;
    case 'block':
      sync.onBlock(peer, message.hash, message.header, message.bytes);
      break;
    case 'getblocks':
      server.onGetBlocks(peer, message.last, message.count);
      break;
    case 'blocks':
      sync.onBlocks(peer, message.bodies);
      break;
    case 'inv':
      for (const entry of message.entries) if (entry.kind === 'block') sync.onAnnounced(peer, entry.hash);
      relay.onTransactionInventory(peer, message.entries.filter(({ kind }) => kind === 'tx').map(({ hash }) => hash));
      break;
    case 'tx':
      relay.onTransaction(peer, message.id, message.transaction).catch((error: unknown) => {
        logger.warn('a transaction could not be taken', { error });
      });
      break;
    case 'notfound': {
      let asked = false;
      for (const { kind, hash } of message.entries) {
        asked = (kind === 'block' ? sync.onNotFound(peer, hash) : relay.onTransactionNotFound(peer, hash)) || asked;
      }
      if (!asked) peer.punish(PENALTY.unaskedReply, 'a notfound for nothing that it was asked for');
      break;
    }
    case 'getaddr':
      peer.send({ type: 'addr', entries: book.offer() });
      break;
    case 'addr':
      book.heard(message.entries);
      break;
    case 'reject':
      parts.refusals.theirs(peer, message);
      break;
    case 'version':
    case 'verack':
    case 'ping':
    case 'pong':
      // The peer's own business (peer.ts).
      break;
  }
}
