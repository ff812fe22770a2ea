import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeader } from '../../../src/node/primitives/header.ts';
import { merkleRoot } from '../../../src/node/primitives/merkle.ts';
import { displayHash, toHex } from '../../../src/node/util/bytes.ts';
import { HEADER_BYTES, HEADER_FIELDS, headerBytes } from '../../../src/renderer/panels/block/header-fields.ts';
import { merkleLevels } from '../../../src/renderer/panels/block/merkle.ts';

describe('the header’s fields', () => {
  it('cover the 80 bytes without a gap', () => {
    let at = 0;
    for (const { offset, size } of HEADER_FIELDS) {
      expect(offset).toBe(at);
      at += size;
    }
    expect(at).toBe(HEADER_BYTES);
  });

  it('lie where the node writes them', () => {
    const header = encodeHeader({
      version: 0x01010101,
      previousHash: new Uint8Array(32).fill(2),
      merkleRoot: new Uint8Array(32).fill(3),
      time: 0x04040404,
      bits: 0x05050505,
      nonce: 0x06060606,
    });
    const bytes = headerBytes(toHex(header));
    expect(bytes).toHaveLength(HEADER_BYTES);
    for (const { byte, field } of bytes) expect(byte).toBe(`0${String(HEADER_FIELDS.findIndex(({ id }) => id === field) + 1)}`);
  });

  it('show what is there of a header that is too short', () => {
    expect(headerBytes('0102')).toEqual([
      { byte: '01', field: 'version' },
      { byte: '02', field: 'version' },
    ]);
  });
});

describe('the Merkle tree', () => {
  it('has the node’s root for every number of transactions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 33 }), async (ids) => {
        const { levels, root } = await merkleLevels(ids.map(displayHash));
        expect(root).toBe(displayHash(merkleRoot(ids).root));
        expect(levels[0]).toEqual(ids.map(displayHash));
        for (const [at, level] of levels.slice(1).entries()) expect(level).toHaveLength(Math.ceil((levels[at]?.length ?? 0) / 2));
      }),
      { numRuns: 40 },
    );
  });

  it('is its one leaf alone, and nothing without a leaf', async () => {
    const id = 'ab'.repeat(32);
    expect(await merkleLevels([id])).toEqual({ levels: [[id]], root: id });
    await expect(merkleLevels([])).rejects.toThrow(RangeError);
  });
});
