/** What can be said of the headers of one message before it is known where they stand. */
import type { HashHex } from '../../../shared/blocks.ts';
import { RuleError } from '../../consensus/errors.ts';
import { checkHeader } from '../../consensus/rules.ts';
import { encodeHeaders, type BlockHeader } from '../../primitives/header.ts';
import { displayHash, equalBytes, HASH_BYTES } from '../../util/bytes.ts';
import { hash256Rows } from '../../util/hash.ts';
import { yieldToLoop } from '../text.ts';

/** Headers each of which names the one before it. */
export interface HeaderBatch {
  readonly headers: readonly BlockHeader[];
  readonly hashes: readonly HashHex[];
  /** The first that breaks a rule which needs no place: version, range of its target, proof of work. Those behind it were not looked at. */
  readonly broken: { readonly at: number; readonly error: RuleError } | undefined;
}

type Rules = Parameters<typeof checkHeader>[2];

/** undefined when they do not follow each other. */
export function headerBatch(headers: readonly BlockHeader[], rules: Rules): HeaderBatch | undefined {
  const internal = linkedHashes(headers, undefined);
  return internal === undefined ? undefined : { headers, hashes: shown(internal), broken: firstBroken(headers, internal, rules) };
}

/** The same of a long one: the event loop turns before each `atOnce` of them. */
export async function longHeaderBatch(headers: readonly BlockHeader[], rules: Rules, atOnce: number): Promise<HeaderBatch | undefined> {
  const hashes: HashHex[] = [];
  let broken: HeaderBatch['broken'];
  let below: Uint8Array | undefined;
  for (let from = 0; from < headers.length; from += atOnce) {
    await yieldToLoop();
    const part = headers.slice(from, from + atOnce);
    const internal = linkedHashes(part, below);
    if (internal === undefined) return undefined;
    hashes.push(...shown(internal));
    const first = broken === undefined ? firstBroken(part, internal, rules) : undefined;
    if (first !== undefined) broken = { at: from + first.at, error: first.error };
    below = internal.subarray(internal.length - HASH_BYTES);
  }
  return { headers, hashes, broken };
}

/** Hashes, internal order, one behind the other. `below`: the one that the first of them must name. */
function linkedHashes(headers: readonly BlockHeader[], below: Uint8Array | undefined): Uint8Array | undefined {
  const internal = hash256Rows(encodeHeaders(headers));
  for (const [i, { previousHash }] of headers.entries()) {
    const previous = i === 0 ? below : hashAt(internal, i - 1);
    if (previous !== undefined && !equalBytes(previousHash, previous)) return undefined;
  }
  return internal;
}

function firstBroken(headers: readonly BlockHeader[], internal: Uint8Array, rules: Rules): HeaderBatch['broken'] {
  for (const [at, header] of headers.entries()) {
    try {
      checkHeader(header, hashAt(internal, at), rules);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return { at, error };
    }
  }
  return undefined;
}

function hashAt(internal: Uint8Array, at: number): Uint8Array {
  return internal.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

function shown(internal: Uint8Array): HashHex[] {
  return Array.from({ length: internal.length / HASH_BYTES }, (_, at) => displayHash(hashAt(internal, at)));
}
