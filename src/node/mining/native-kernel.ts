import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MINING_LIMITS } from './limits.ts';
import { ScanKernel } from './scan-kernel.ts';

/** What native/module.c exports: a loop for each name whose instructions this processor has. */
type NativeModule = Partial<Record<NativeName, { lanes: number; scan: (header: Uint8Array, start: number, groups: number, limit: number, tops: Uint32Array) => number }>>;
type NativeName = 'sha-ni' | 'avx2';

/** The module lies beside the file that this one was built into, where there was a C compiler at that time (scripts/lib/native.mjs). */
const BESIDE = join(import.meta.dirname, 'mining-kernel.node');

/**
 * A kernel in machine code, through Node-API.
 * @param file the compiled module
 * @throws Error where there is no module, or one that cannot be loaded
 * @throws RangeError when this processor has no such instructions
 */
export function nativeKernel(name: NativeName, file: string = BESIDE): ScanKernel {
  const loop = (createRequire(import.meta.url)(file) as NativeModule)[name];
  if (loop === undefined) throw new RangeError(`this processor has no instructions for ${name}`);
  const { lanes, scan } = loop;
  const tops = new Uint32Array(lanes);
  // The module keeps nothing: it gets the header each time.
  let prepared = new Uint8Array(0);
  return new ScanKernel(name, {
    lanes,
    most: MINING_LIMITS.nativeNonces / lanes,
    tops,
    prepare: (header) => {
      prepared = new Uint8Array(header);
    },
    scan: (start, groups, limit) => scan(prepared, start, groups, limit, tops),
  });
}
