import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDirectory } from '../../../src/node/util/make-directory.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'chainscope-make-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('makeDirectory', () => {
  it('makes what is missing, and is content with what is there', () => {
    const path = join(dir, 'a', 'b', 'c');
    makeDirectory(path);
    makeDirectory(path);
    expect(statSync(path).isDirectory()).toBe(true);
    symlinkSync(path, join(dir, 'link'), 'dir');
    makeDirectory(join(dir, 'link', 'd'));
    expect(statSync(join(path, 'd')).isDirectory()).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('for this user alone, and leaves the rights of what is there', () => {
    const there = join(dir, 'there');
    mkdirSync(there, { mode: 0o755 });
    makeDirectory(join(there, 'a', 'b'));
    expect([there, join(there, 'a'), join(there, 'a', 'b')].map((path) => statSync(path).mode & 0o777)).toEqual([0o755, 0o700, 0o700]);
  });

  it('gives the error of a file in its place, on its way, and of a link to nowhere', () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'x');
    expect(() => makeDirectory(file)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(() => makeDirectory(join(file, 'a'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    symlinkSync(join(dir, 'nowhere'), join(dir, 'link'), 'dir');
    expect(() => makeDirectory(join(dir, 'link'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  // Node's own `recursive` never comes back from this one.
  it.skipIf(process.platform !== 'linux')('gives up where nothing can be made', () => {
    expect(() => makeDirectory('/proc/chainscope/deep')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
