import { KERNEL_LAYOUT, SCALAR_KERNEL, SIMD_KERNEL } from '../util/sha256-module.ts';
import { putConstants, putHeader } from './kernel-tables.ts';
import { ScanKernel, type Scanner } from './scan-kernel.ts';

/** See scripts/lib/kernel-wat.mjs. Numbers are signed on their way out of WebAssembly, and may be either on their way in. */
interface KernelExports {
  memory: WebAssembly.Memory;
  scan: Scanner['scan'];
}

/** The kernels in WebAssembly. */
export const WasmKernel = {
  /** @throws WebAssembly.CompileError where there is no SIMD */
  simd: (): ScanKernel => new ScanKernel('wasm-simd', wasmScanner(SIMD_KERNEL, 4)),
  scalar: (): ScanKernel => new ScanKernel('wasm', wasmScanner(SCALAR_KERNEL, 1)),
};

function wasmScanner(base64: string, lanes: number): Scanner {
  const { memory, scan } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64'))).exports as unknown as KernelExports;
  const words = new Int32Array(memory.buffer);
  const put = (place: number, word: number): void => {
    words.fill(word, place * lanes, (place + 1) * lanes);
  };
  putConstants(put);
  return {
    lanes,
    most: 0xffff_ffff,
    tops: new Uint32Array(memory.buffer, KERNEL_LAYOUT.tops * lanes * Uint32Array.BYTES_PER_ELEMENT, lanes),
    prepare: (header) => {
      putHeader(put, header);
    },
    scan,
  };
}
