import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { electronExecutable } from '../scripts/lib/electron.mjs';
import { bundle } from '../test/helpers/bundle.ts';
import type { Probe } from '../test/helpers/hasher-probe.ts';
import { testEnvironment } from './harness/environment.ts';
import { expect, test } from './harness/test.ts';

test("inside Electron, whose node:crypto is BoringSSL's, every hasher gives what node:crypto gives, and the one with vectors is taken", async () => {
  const probe = await bundle({ probe: 'test/helpers/hasher-probe.ts' });
  try {
    const executable = electronExecutable(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '');
    const { stdout } = await promisify(execFile)(executable, [probe.file('probe')], { env: testEnvironment({ ELECTRON_RUN_AS_NODE: '1' }) });
    const { electron, chosen, wrong } = JSON.parse(stdout) as Probe;
    expect(electron).toBeDefined();
    expect(wrong).toEqual({});
    expect(chosen).toBe('wasm-simd');
  } finally {
    await probe.remove();
  }
});
