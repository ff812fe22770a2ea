import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// The system is a folder of stand-ins that is the whole PATH of a child process: what they are asked is written down.
let bin: string;
const asRoot = process.getuid?.() === 0;
const script = `
  const { ensureSystem } = await import(process.argv[1]);
  await ensureSystem({ executable: '/app/electron', xvfb: true }).catch((error) => { console.log(error.message); process.exitCode = 1; });`;

function program(name: string, body: string): void {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

function ensure(): Promise<{ code: number; stdout: string; stderr: string }> {
  const module = new URL('../../scripts/lib/system.mjs', import.meta.url).href;
  const env = { PATH: bin, HOME: bin, XDG_CACHE_HOME: bin, BIN: bin };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script, module], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const libraryMissing = 'echo "	libgtk-3.so.0 => not found"; echo "	libc.so.6 => /lib/libc.so.6 (0x0)"';

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'chainscope-system-'));
  symlinkSync('/bin/sh', join(bin, 'sh'));
});
afterEach(() => {
  rmSync(bin, { recursive: true, force: true });
});

describe.runIf(process.platform === 'linux')('ensureSystem', () => {
  it('does nothing when nothing is missing', async () => {
    program('ldd', 'echo "	libc.so.6 => /lib/libc.so.6 (0x0)"');
    program('Xvfb', 'exit 0');
    program('apt-get', 'echo "$@" >> "$BIN/asked"');
    expect(await ensure()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(() => readFileSync(join(bin, 'asked'))).toThrow();
  });

  it('prints the one line for a system with another package manager', async () => {
    program('ldd', libraryMissing);
    program('dnf', 'exit 1');
    const { code, stdout } = await ensure();
    expect(code).toBe(1);
    expect(stdout).toContain('libgtk-3.so.0');
    expect(stdout.trim().split('\n').at(-1)).toBe(
      '  sudo dnf install -y gtk3 nss mesa-libgbm alsa-lib xorg-x11-server-Xvfb',
    );
  });

  it('names only Xvfb when only that is missing', async () => {
    program('ldd', 'exit 0');
    program('pacman', 'exit 1');
    const { stdout } = await ensure();
    expect(stdout.trim().split('\n').at(-1)).toBe('  sudo pacman -S --needed xorg-server-xvfb');
  });

  it('on a Debian-like system installs as root, and prints the line for others; with the names that apt knows', async () => {
    program('ldd', libraryMissing);
    program('apt-get', 'echo "$@" >> "$BIN/asked"');
    program('apt-cache', '[ "$2" = libasound2t64 ]');
    const { code, stdout, stderr } = await ensure();
    const names = 'libgtk-3-0 libnss3 libgbm1 libasound2t64 xvfb xauth';
    if (asRoot) {
      expect(code).toBe(0);
      expect(stderr).toContain(`installed ${names}`);
      const asked = readFileSync(join(bin, 'asked'), 'utf8').trim().split('\n');
      expect(asked).toHaveLength(2);
      expect(asked[0]).toMatch(/ update$/);
      expect(asked[1]).toMatch(new RegExp(` install -y --no-install-recommends ${names}$`));
    } else {
      expect(code).toBe(1);
      expect(stdout.trim().split('\n').at(-1)).toBe(`  sudo apt-get install -y --no-install-recommends ${names}`);
    }
  });

  it('says so when apt-get fails', async () => {
    program('ldd', libraryMissing);
    program('apt-get', 'case "$*" in *install*) echo "no space left" >&2; exit 100;; esac');
    program('apt-cache', 'exit 1');
    const { code, stdout } = await ensure();
    expect(code).toBe(1);
    if (asRoot) expect(stdout).toContain('no space left');
    expect(stdout.trim().split('\n').at(-1)).toContain('apt-get install -y --no-install-recommends libgtk-3-0 libnss3');
  });
});
