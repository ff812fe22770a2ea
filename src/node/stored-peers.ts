import { parseAddress } from './net/address.ts';
import type { StoredPeer } from './net/types.ts';

/** Peers as the disk has them, and the disk is an outside too: what is no such record is left out. */
export function readStoredPeers(records: readonly unknown[]): StoredPeer[] {
  return records.flatMap((record) => {
    const peer = readOne(record);
    return peer === undefined ? [] : [peer];
  });
}

function readOne(record: unknown): StoredPeer | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { address, kept, neighbour, lastSeen } = record as Record<string, unknown>;
  if (typeof address !== 'string' || typeof kept !== 'boolean') return undefined;
  try {
    return {
      address: parseAddress(address).text,
      kept,
      ...(neighbour === true ? { neighbour } : {}),
      lastSeen: typeof lastSeen === 'number' && lastSeen >= 0 && Number.isSafeInteger(lastSeen) ? lastSeen : 0,
    };
  } catch {
    return undefined;
  }
}
