// Assembles the mining kernels and writes them, with the layout of their memory, as a module of TypeScript.
import wabt from 'wabt';
import { kernelWat, LAYOUT } from './kernel-wat.mjs';

/** Where the result is kept, from the root of the repository. */
export const KERNEL_MODULE = 'src/node/mining/kernel-module.ts';

/**
 * The bytes of a kernel. The same source gives the same bytes on every machine.
 * @param {import('./kernel-wat.mjs').KernelKind} kind
 */
export async function assembleKernel(kind) {
  const { parseWat } = await wabt();
  const module = parseWat(`${kind}.wat`, kernelWat(kind), { simd: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

/** The text of KERNEL_MODULE. */
export async function kernelModule() {
  /** @param {import('./kernel-wat.mjs').KernelKind} kind */
  const base64 = async (kind) => Buffer.from(await assembleKernel(kind)).toString('base64');
  const layout = Object.entries(LAYOUT).map(([name, word]) => `  ${name}: ${word},`);
  return [
    '// Made by `npm run kernel` from scripts/lib/kernel-wat.mjs, which explains it. A test makes it again and compares.',
    '',
    '/** Where the tables stand in the memory of a kernel, in its words. */',
    'export const KERNEL_LAYOUT = {',
    ...layout,
    '} as const;',
    '',
    '/** One nonce at a time, base64. */',
    `export const SCALAR_KERNEL = '${await base64('scalar')}';`,
    '',
    '/** Four nonces at a time in 128-bit vectors, base64. */',
    `export const SIMD_KERNEL = '${await base64('simd')}';`,
    '',
  ].join('\n');
}
