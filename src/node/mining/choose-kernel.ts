import { equalBytes, fromHex } from '../util/bytes.ts';
import { PlainKernel } from './kernel.ts';
import { nativeKernel } from './native-kernel.ts';
import { KERNEL_NAMES, type HashKernel, type KernelName } from './types.ts';
import { WasmKernel } from './wasm-kernel.ts';

/** How each kernel is made. What a machine cannot run throws. */
const MAKERS: Readonly<Record<KernelName, () => HashKernel>> = {
  'sha-ni': () => nativeKernel('sha-ni'),
  avx2: () => nativeKernel('avx2'),
  'wasm-simd': () => WasmKernel.simd(),
  wasm: () => WasmKernel.scalar(),
  plain: () => new PlainKernel(),
};

/** Nonces that a kernel has to search like the plain one before it is trusted: more than a group, and no whole number of groups. */
const TRIAL = { start: 0xffff_fff0, count: 15 } as const;

/** The header of Bitcoin's genesis block, its nonce, and its hash in internal order: known to all the world. */
const GENESIS = {
  header: fromHex('0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c'),
  nonce: 2_083_236_893,
  hash: fromHex('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000'),
} as const;

/** The makers of the kernels from this one on, the fastest first. */
export function kernelsFrom(fastest: KernelName): (() => HashKernel)[] {
  return KERNEL_NAMES.slice(KERNEL_NAMES.indexOf(fastest)).map((name) => MAKERS[name]);
}

/**
 * The first of these kernels that this machine can run and that gives what it has to. A processor or an engine without the means, or
 * with a fault in them, costs speed and nothing else.
 */
export function chooseKernel(makers: readonly (() => HashKernel)[] = kernelsFrom(KERNEL_NAMES[0])): HashKernel {
  const plain = new PlainKernel();
  for (const make of makers) {
    try {
      const kernel = make();
      if (kernel instanceof PlainKernel || (findsGenesis(kernel) && agrees(kernel, plain))) return kernel;
    } catch {
      // Not built, no such instructions, or no memory for the code: the next one.
    }
  }
  return plain;
}

/** The one nonce of the genesis block is found wherever it stands in a group. */
function findsGenesis(kernel: HashKernel): boolean {
  return Array.from({ length: TRIAL.count }, (_, before) => before).every((before) => {
    const { nonce, hashes, best } = kernel.search(GENESIS.header, GENESIS.hash, GENESIS.nonce - before, TRIAL.count);
    return nonce === GENESIS.nonce && hashes === before + 1 && equalBytes(best, GENESIS.hash);
  });
}

function agrees(kernel: HashKernel, plain: HashKernel): boolean {
  const header = Uint8Array.from({ length: 80 }, (_, index) => (index * 37 + 11) & 0xff);
  const impossible = new Uint8Array(32);
  const expected = plain.search(header, impossible, TRIAL.start, TRIAL.count);
  const miss = kernel.search(header, impossible, TRIAL.start, TRIAL.count);
  if (miss.nonce !== -1 || miss.hashes !== TRIAL.count || !equalBytes(miss.best, expected.best)) return false;
  // With the lowest hash as the target there is just one nonce to be found.
  const [found, hit] = [plain, kernel].map((each) => each.search(header, expected.best, TRIAL.start, TRIAL.count));
  return hit?.nonce === found?.nonce && hit?.hashes === found?.hashes;
}
