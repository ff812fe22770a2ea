/** Runs by itself inside another engine (e2e/hashing.spec.ts): which hasher is taken there, and whether all three agree with its node:crypto. */
import { createHash } from 'node:crypto';
import { toHex } from '../../src/node/util/bytes.ts';
import { hasher } from '../../src/node/util/hash.ts';
import { PlainHasher } from '../../src/node/util/plain-hasher.ts';
import { WasmHasher } from '../../src/node/util/wasm-hasher.ts';

export interface Probe {
  electron: string | undefined;
  chosen: string;
  /** For each hasher, the first thing that is not what node:crypto gives. */
  wrong: Record<string, string>;
}

const once = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const twice = (bytes: Uint8Array): string => once(once(bytes)).toString('hex');
const split = (hashes: Uint8Array): string[] => Array.from({ length: hashes.length / 32 }, (_, i) => toHex(hashes.subarray(32 * i, 32 * i + 32)));

const messages = Array.from({ length: 301 }, (_, length) => Uint8Array.from({ length }, (_byte, i) => (i * 31 + length * 7) & 0xff));
const ids = messages.map(twice);
const rows = Uint8Array.from({ length: 80 * 77 }, (_, i) => (i * 113 + (i >> 7)) & 0xff);

function rootOf(level: string[]): string {
  if (level.length === 1) return level[0] ?? '';
  const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => twice(Buffer.from(`${level[2 * i] ?? ''}${level[2 * i + 1] ?? level[2 * i] ?? ''}`, 'hex')));
  return rootOf(pairs);
}

const wrong: Record<string, string> = {};
for (const each of [new PlainHasher(), WasmHasher.scalar(), WasmHasher.simd()]) {
  const expectSame = (what: string, got: string, expected: string): void => {
    if (got !== expected) wrong[each.name] ??= what;
  };
  for (const message of messages) {
    expectSame(`sha256 of ${String(message.length)} bytes`, toHex(each.sha256(message)), once(message).toString('hex'));
    expectSame(`hash256 of ${String(message.length)} bytes`, toHex(each.hash256(message)), twice(message));
  }
  expectSame('many', split(each.hashMany(messages)).join(), ids.join());
  expectSame('rows', split(each.hashRows(rows)).join(), Array.from({ length: 77 }, (_, i) => twice(rows.subarray(80 * i, 80 * i + 80))).join());
  const { roots } = each.hashForest(Buffer.from(ids.join(''), 'hex'), [301]);
  expectSame('tree', toHex(roots), rootOf(ids));
}
const probe: Probe = { electron: process.versions['electron'], chosen: hasher().name, wrong };
process.stdout.write(JSON.stringify(probe));
