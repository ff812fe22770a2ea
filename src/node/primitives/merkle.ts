import { concatBytes, equalBytes, HASH_BYTES } from '../util/bytes.ts';
import { hash256 } from '../util/hash.ts';

/**
 * Bitcoin's merkle root: pairs are hashed twice with SHA-256, level by level; the last of an odd level is paired with itself.
 * Ids and root are 32 bytes in internal order. No ids give 32 zero bytes.
 *
 * Because of that pairing a list and the list with its end repeated have one root (CVE-2012-2459). `mutated` says that two
 * equal hashes stand in one pair at some level, which only such a repetition (or a duplicate transaction) produces: the caller
 * must refuse the list without holding it against the header's hash, since the list without the repetition may be valid.
 */
export function merkleRoot(ids: readonly Uint8Array[]): { root: Uint8Array; mutated: boolean } {
  let level: readonly Uint8Array[] = ids;
  let mutated = false;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Uint8Array;
      const partner = level[i + 1];
      if (partner !== undefined && equalBytes(left, partner)) mutated = true;
      next.push(hash256(concatBytes(left, partner ?? left)));
    }
    level = next;
  }
  return { root: level[0]?.slice() ?? new Uint8Array(HASH_BYTES), mutated };
}
