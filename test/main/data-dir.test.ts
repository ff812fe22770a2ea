import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { besideDirs, claimBeside, claimDataDir, DataDirError, folderFor, WINDOW_FOLDER, type ClaimingApp } from '../../src/main/data-dir.ts';
import { MAIN_LIMITS } from '../../src/main/limits.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'chainscope-claim-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Locks as the system keeps them: by directory, for as long as a process has them. */
class FakeSystem {
  readonly holders = new Map<string, FakeApp>();
  readonly everything: boolean;
  constructor(everything = false) {
    this.everything = everything;
  }
}
class FakeApp implements ClaimingApp {
  userData = '';
  locked: string | undefined;
  readonly #system: FakeSystem;
  constructor(system: FakeSystem) {
    this.#system = system;
  }
  setPath(name: string, path: string): void {
    if (name === 'userData') this.userData = path;
  }
  requestSingleInstanceLock(): boolean {
    if (this.#system.everything || this.#system.holders.has(this.userData)) return false;
    this.#system.holders.set(this.userData, this);
    this.locked = this.userData;
    return true;
  }
  releaseSingleInstanceLock(): void {
    if (this.locked !== undefined) this.#system.holders.delete(this.locked);
    this.locked = undefined;
  }
  hasSingleInstanceLock(): boolean {
    return this.locked !== undefined;
  }
}

describe('claiming a data directory', () => {
  it.skipIf(process.platform === 'win32')('makes it for this user alone', () => {
    const made = join(dir, 'new', 'node');
    expect(claimDataDir(new FakeApp(new FakeSystem()), made)).toBe(true);
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('puts userData inside it, and one directory has one owner', () => {
    const system = new FakeSystem();
    const base = join(dir, 'node');
    const [first, second] = [new FakeApp(system), new FakeApp(system)];
    expect(claimDataDir(first, base)).toBe(true);
    expect(first.userData).toBe(join(base, WINDOW_FOLDER));
    expect(claimDataDir(second, base)).toBe(false);
    expect(claimDataDir(second, join(dir, 'other'))).toBe(true);
  });

  it('takes the first free directory beside it, and the same one again later', () => {
    const system = new FakeSystem();
    const base = join(dir, 'node');
    const apps = [0, 1, 2, 3].map(() => new FakeApp(system));
    expect(claimDataDir(apps[0] as FakeApp, base)).toBe(true);
    expect(claimBeside(apps[1] as FakeApp, base)).toBe(`${base}-2`);
    expect(claimBeside(apps[2] as FakeApp, base)).toBe(`${base}-3`);
    apps[1]?.releaseSingleInstanceLock();
    expect(claimBeside(apps[3] as FakeApp, base)).toBe(`${base}-2`);
  });

  it('skips what a node without a window holds, and gives back the lock it had', () => {
    const system = new FakeSystem();
    const app = new FakeApp(system);
    const base = join(dir, 'node');
    claimDataDir(app, base);
    expect(claimBeside(app, base, new Set([base, `${base}-2`]))).toBe(`${base}-3`);
    expect([...system.holders.keys()].map((path) => dirname(path))).toEqual([`${base}-3`]);
  });

  it('says so when every directory beside it is in use', () => {
    expect([...besideDirs('/x')]).toHaveLength(MAIN_LIMITS.besideLast - 1);
    expect([...besideDirs('/x')].at(-1)).toBe(`/x-${String(MAIN_LIMITS.besideLast)}`);
    expect(() => claimBeside(new FakeApp(new FakeSystem(true)), join(dir, 'node'))).toThrow(DataDirError);
  });

  it('names a directory that cannot be used and the variable to change', () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'x');
    const claim = (): unknown => claimDataDir(new FakeApp(new FakeSystem()), join(file, 'sub'));
    expect(claim).toThrow(DataDirError);
    expect(claim).toThrow(/a file is in its way.*DATA_DIR/);
    writeFileSync(join(dir, WINDOW_FOLDER), 'x');
    expect(() => claimDataDir(new FakeApp(new FakeSystem()), dir)).toThrow(/a file is in its way/);
  });

  // Root may write everywhere, so the system's own directory has to do: nothing can be made in it.
  it.skipIf(process.platform !== 'linux')('a directory in which nothing can be made is told, and not taken for one in use', () => {
    for (const place of ['/proc/chainscope', '/proc/self/chainscope/deep']) {
      expect(() => claimDataDir(new FakeApp(new FakeSystem()), place)).toThrow(DataDirError);
    }
    // The window's folder is there, but the lock cannot be made in it: for a user who may not write, and on a disk without symbolic links.
    const there = join(dir, 'there');
    mkdirSync(there);
    symlinkSync('/proc/self/net', join(there, WINDOW_FOLDER));
    expect(() => claimDataDir(new FakeApp(new FakeSystem(true)), there)).toThrow(DataDirError);
  });

  it('leaves nothing of what it tried', () => {
    claimDataDir(new FakeApp(new FakeSystem()), dir);
    expect(readdirSync(join(dir, WINDOW_FOLDER))).toEqual([]);
  });
});

describe('a folder that a person chose', () => {
  it('is the data directory when it is new, empty or one already; otherwise a folder inside it is', () => {
    expect(folderFor(join(dir, 'new'))).toBe(join(dir, 'new'));
    expect(folderFor(dir)).toBe(dir);
    writeFileSync(join(dir, 'letter.txt'), 'dear');
    expect(folderFor(dir)).toBe(join(dir, 'Chainscope'));
    writeFileSync(join(dir, 'schema'), '2');
    expect(folderFor(dir)).toBe(dir);
    rmSync(join(dir, 'schema'));
    mkdirSync(join(dir, WINDOW_FOLDER));
    expect(folderFor(dir)).toBe(dir);
  });
});
