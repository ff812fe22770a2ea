/** The 80 bytes of a block's header, field by field: where each lies, what it holds, what it is for. Pure. */
import type { BlockDetail } from '../../../shared/blocks.ts';
import { formatDateTime, formatNumber } from '../../lib/format.ts';

export const HEADER_BYTES = 80;

export interface HeaderField {
  id: 'version' | 'previous' | 'merkle' | 'time' | 'bits' | 'nonce';
  name: string;
  /** First byte, and how many. */
  offset: number;
  size: number;
  /** For somebody who has never seen a header; short enough for one line of the panel. */
  meaning: string;
}

/** In the order of the bytes. Numbers are little-endian, hashes byte-reversed, as in Bitcoin. */
export const HEADER_FIELDS: readonly HeaderField[] = [
  { id: 'version', name: 'Version', offset: 0, size: 4, meaning: 'Which rules the miner followed, the least byte first.' },
  {
    id: 'previous',
    name: 'Previous',
    offset: 4,
    size: 32,
    meaning: 'The hash of the block before, last byte first. This is the link.',
  },
  {
    id: 'merkle',
    name: 'Merkle root',
    offset: 36,
    size: 32,
    meaning: 'One hash for all transactions. One changed letter makes another.',
  },
  { id: 'time', name: 'Time', offset: 68, size: 4, meaning: 'When the miner began, in seconds since 1970.' },
  { id: 'bits', name: 'Bits', offset: 72, size: 4, meaning: 'The target in short: the hash, as a number, must not be above it.' },
  { id: 'nonce', name: 'Nonce', offset: 76, size: 4, meaning: 'The number that miners change until the hash is low enough.' },
];

/** The header as bytes of two hex digits, each with its field. Fewer than 80 when `headerHex` is shorter. */
export function headerBytes(headerHex: string): { byte: string; field: HeaderField['id'] }[] {
  return HEADER_FIELDS.flatMap(({ id, offset, size }) =>
    (headerHex.slice(offset * 2, (offset + size) * 2).match(/../g) ?? []).map((byte) => ({ byte, field: id })),
  );
}

/** What a field's bytes say, for people. */
export function headerValue(id: HeaderField['id'], detail: BlockDetail): string {
  switch (id) {
    case 'version':
      return formatNumber(detail.version);
    case 'previous':
      return detail.previousHash;
    case 'merkle':
      return detail.merkleRoot;
    case 'time':
      return formatDateTime(detail.time);
    case 'bits':
      return `0x${detail.bits.toString(16).padStart(8, '0')}`;
    case 'nonce':
      return formatNumber(detail.nonce);
  }
}
