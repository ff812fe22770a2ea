import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourcesHash } from '../../scripts/lib/build.mjs';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'chainscope-sources-'));
  mkdirSync(join(base, 'src', 'main'), { recursive: true });
  writeFileSync(join(base, 'package.json'), '{}');
  writeFileSync(join(base, 'src', 'main', 'index.ts'), 'export {};');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

describe('sourcesHash', () => {
  it('stays when only times change, so a fresh checkout of the same sources is not built again', async () => {
    const before = await sourcesHash(base);
    utimesSync(join(base, 'src', 'main', 'index.ts'), new Date(0), new Date(0));
    expect(await sourcesHash(base)).toBe(before);
  });

  it.each([
    ['a source changes', () => writeFileSync(join(base, 'src', 'main', 'index.ts'), 'export { };')],
    ['a source is added', () => writeFileSync(join(base, 'src', 'main', 'more.ts'), '')],
    ['a source is renamed', () => {
      rmSync(join(base, 'src', 'main', 'index.ts'));
      writeFileSync(join(base, 'src', 'main', 'other.ts'), 'export {};');
    }],
    ['package.json changes', () => writeFileSync(join(base, 'package.json'), '{ }')],
  ])('changes when %s', async (_what, change) => {
    const before = await sourcesHash(base);
    change();
    expect(await sourcesHash(base)).not.toBe(before);
  });
});
