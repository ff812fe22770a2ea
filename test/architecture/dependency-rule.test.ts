import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDependencies } from '../../scripts/lib/dependencies.mjs';

const made: string[] = [];

/** Writes a small house: each file imports the listed specifiers and exports something. */
function house(files: Record<string, readonly string[]>): string {
  const base = mkdtempSync(join(tmpdir(), 'chainscope-house-'));
  made.push(base);
  for (const [path, imports] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    const lines = imports.map((specifier) =>
      specifier.startsWith('type ') ? `import type { X } from '${specifier.slice(5)}';` : `import '${specifier}';`,
    );
    writeFileSync(join(base, path), `${lines.join('\n')}\nexport type X = 1;\nexport const x = 1;\n`);
  }
  return base;
}

afterAll(() => {
  for (const base of made.splice(0)) rmSync(base, { recursive: true, force: true });
});

/** Every allowed arrow of the table at least once. */
const sound: Record<string, readonly string[]> = {
  'src/shared/blocks.ts': [],
  'src/node/util/bytes.ts': ['node:buffer'],
  'src/node/primitives/header.ts': ['../util/bytes.ts'],
  'src/node/consensus/rules.ts': ['../primitives/header.ts', '../util/bytes.ts'],
  'src/node/chain/chain.ts': ['../consensus/rules.ts', '../primitives/header.ts', '../../shared/blocks.ts', 'node:fs'],
  'src/node/mempool/mempool.ts': ['../chain/chain.ts', '../consensus/rules.ts'],
  'src/node/net/pool.ts': ['../mempool/mempool.ts', '../chain/chain.ts', 'node:net'],
  'src/node/mining/miner.ts': ['../mempool/mempool.ts', '../chain/chain.ts', 'node:worker_threads'],
  'src/node/full-node.ts': ['./net/pool.ts', './mining/miner.ts', './mempool/mempool.ts', './settings.ts'],
  'src/node/settings.ts': ['../shared/blocks.ts'],
  'src/node/api/http.ts': ['../full-node.ts', '../net/pool.ts', '../../shared/blocks.ts', 'node:http'],
  'src/node/index.ts': ['./full-node.ts', './api/http.ts'],
  'src/main/index.ts': ['../node/index.ts', '../shared/blocks.ts', 'electron', 'node:path'],
  'src/cli/index.ts': ['../node/index.ts', '../shared/blocks.ts', 'node:process'],
  'src/preload/index.ts': ['../shared/blocks.ts', 'electron'],
  'src/renderer/main.tsx': ['../shared/blocks.ts', './app/app.tsx'],
  'src/renderer/app/app.tsx': [],
};

/** Forbidden arrows: the folder (or file) where the importing module stands, what it imports, the rule that refuses it. */
const forbidden: readonly (readonly [from: string, to: string, rule: string])[] = [
  ['src/node/util/', '../primitives/header.ts', 'floor-util'],
  ['src/node/util/', '../../shared/blocks.ts', 'floor-util'],
  ['src/shared/', '../node/util/bytes.ts', 'floor-shared'],
  ['src/node/primitives/', '../consensus/rules.ts', 'floor-primitives'],
  ['src/node/consensus/', '../chain/chain.ts', 'floor-consensus'],
  ['src/node/consensus/', '../../shared/blocks.ts', 'floor-consensus'],
  ['src/node/chain/', '../mempool/mempool.ts', 'floor-chain'],
  ['src/node/mempool/', '../net/pool.ts', 'floor-mempool'],
  ['src/node/net/', '../mining/miner.ts', 'floor-net'],
  ['src/node/mining/', '../net/pool.ts', 'floor-mining'],
  ['src/node/mining/', '../full-node.ts', 'floor-mining'],
  ['src/node/', './api/http.ts', 'floor-full-node'],
  ['src/node/', './index.ts', 'floor-full-node'],
  ['src/node/api/', '../index.ts', 'floor-api'],
  ['src/node/index.ts', '../main/window.ts', 'floor-node'],
  ['src/main/', '../node/full-node.ts', 'floor-main'],
  ['src/main/', '../renderer/main.tsx', 'floor-main'],
  ['src/cli/', '../node/chain/chain.ts', 'floor-cli'],
  ['src/cli/', '../main/index.ts', 'floor-cli'],
  ['src/preload/', '../main/index.ts', 'floor-preload'],
  ['src/renderer/', '../node/util/bytes.ts', 'floor-renderer'],
  ['src/renderer/', 'type ../node/chain/chain.ts', 'floor-renderer'],
  ['src/renderer/', 'electron', 'electron-in-main-and-preload'],
  ['src/node/net/', 'electron', 'electron-in-main-and-preload'],
  ['src/node/net/', 'electron/main', 'electron-in-main-and-preload'],
  ['src/cli/', 'type electron', 'electron-in-main-and-preload'],
  ['src/node/primitives/', 'node:crypto', 'pure-consensus'],
  ['src/node/consensus/', 'crypto', 'pure-consensus'],
  ['src/node/consensus/', 'node:fs/promises', 'pure-consensus'],
  ['src/renderer/', 'node:fs', 'web-without-node'],
  ['src/shared/', 'node:path', 'web-without-node'],
  ['src/preload/', 'node:path', 'web-without-node'],
  ['src/renderer/', 'ws', 'web-without-node-packages'],
  ['src/node/chain/', './nowhere.ts', 'unresolvable'],
  ['src/node/chain/', '../../../test/helper.ts', 'out-of-src'],
  ['src/node/chain/', '../wallet/keys.ts', 'floor-chain'],
  ['src/node/wallet/', '../util/bytes.ts', 'floor-unknown'],
  ['src/', './shared/blocks.ts', 'floor-unknown'],
  ['src/node/chain/circle-a.ts', './circle-b.ts', 'no-circular'],
  ['src/node/mempool/circle-a.ts', 'type ./circle-b.ts', 'no-circular'],
];

/** The module that makes the n-th forbidden arrow: nobody imports it, so it breaks one rule only. */
function importer(from: string, n: number): string {
  return from.endsWith('/') ? `${from}forbidden${n}.ts` : from;
}

describe('the dependency rule', () => {
  let report: Awaited<ReturnType<typeof checkDependencies>>;

  beforeAll(async () => {
    const files: Record<string, readonly string[]> = {
      ...sound,
      'src/main/window.ts': [],
      'src/node/wallet/keys.ts': [],
      'src/node/chain/circle-b.ts': ['./circle-a.ts'],
      'src/node/mempool/circle-b.ts': ['./circle-a.ts'],
      'test/helper.ts': [],
      'node_modules/ws/index.js': [],
    };
    forbidden.forEach(([from, to], n) => {
      const path = importer(from, n);
      files[path] = [...(files[path] ?? []), to];
    });
    report = await checkDependencies(house(files));
  });

  it('accepts every arrow that the table allows', async () => {
    const accepted = await checkDependencies(house(sound));
    expect(accepted).toEqual({ modules: Object.keys(sound).length, violations: [] });
  });

  it.each(forbidden.map(([from, to, rule], n) => ({ from, to, rule, path: importer(from, n) })))(
    'refuses $from → $to ($rule)',
    ({ path, rule }) => {
      expect(report.problem).toBeUndefined();
      const broken = report.violations.filter((violation) => violation.from === path);
      expect(broken.map((violation) => violation.rule)).toEqual([rule]);
    },
  );

  it('has a problem when it reads no module', async () => {
    const base = house({});
    mkdirSync(join(base, 'src'));
    expect(await checkDependencies(base)).toEqual({ modules: 0, violations: [], problem: 'no module was read' });
  });

  it('has a problem when there is no src', async () => {
    const { problem } = await checkDependencies(house({}));
    expect(problem).toMatch(/src/);
  });
});
