// Assembles the modules of WebAssembly that hash, and writes them, with the layout of their memory, as a module of TypeScript.
import wabt from 'wabt';
import { BATCH_LAYOUT, batchWat } from './batch-wat.mjs';
import { LAYOUT, scanWat } from './kernel-wat.mjs';

/** @typedef {import('./sha256-wat.mjs').Kind} Kind */

/** Where the result is kept, from the root of the repository. */
export const KERNEL_MODULE = 'src/node/util/sha256-module.ts';

/** The text of one module: `scan` for the miner, `rows80`, `rows64`, `one`, `many` and `merkle` for checks. @param {Kind} kind */
export function moduleWat(kind) {
  return `(module\n(memory (export "memory") 1)\n${scanWat(kind)}\n${batchWat(kind)})\n`;
}

/**
 * The bytes of a module. The same source gives the same bytes on every machine.
 * @param {Kind} kind
 */
export async function assembleKernel(kind) {
  const { parseWat } = await wabt();
  const module = parseWat(`${kind}.wat`, moduleWat(kind), { simd: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

/** An object of numbers as a constant. @param {string} name @param {Record<string, number>} numbers */
const constant = (name, numbers) => [`export const ${name} = {`, ...Object.entries(numbers).map(([key, value]) => `  ${key}: ${value},`), '} as const;'];

/** The text of KERNEL_MODULE. */
export async function kernelModule() {
  /** @param {Kind} kind */
  const base64 = async (kind) => Buffer.from(await assembleKernel(kind)).toString('base64');
  return [
    '// Made by `npm run kernel` from scripts/lib/kernel-wat.mjs and batch-wat.mjs, which explain it. A test makes it again and compares.',
    '',
    "/** Where the miner's tables stand in the memory of a module, in its words. */",
    ...constant('KERNEL_LAYOUT', LAYOUT),
    '',
    '/** Where the tables of the batch functions stand, in bytes. */',
    ...constant('BATCH_LAYOUT', BATCH_LAYOUT),
    '',
    '/** The module without vectors, base64. */',
    `export const SCALAR_KERNEL = '${await base64('scalar')}';`,
    '',
    '/** The module with four hashes at a time in 128-bit vectors, base64. */',
    `export const SIMD_KERNEL = '${await base64('simd')}';`,
    '',
  ].join('\n');
}
