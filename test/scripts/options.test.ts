import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { DescribedOption } from '../../scripts/lib/options.mjs';
import { SOAK_OPTIONS } from '../../scripts/lib/soak-options.mjs';

const file = (path: string): string => fileURLToPath(new URL(`../../scripts/${path}`, import.meta.url));

const program = (options: string): string[] => ['--input-type=module', '-e', `import { optionsOrExit } from ${JSON.stringify(new URL('../../scripts/lib/options.mjs', import.meta.url).href)}; optionsOrExit({ args: ['${options}'], options: {} });`];

it.each([
  ['a script', [file('soak.mjs'), '--nonsense', '1'], 1, '--nonsense'],
  ['a script whose option lacks its value', [file('soak.mjs'), '--minutes'], 1, '--minutes'],
  ['a program that a script builds', program('--nonsense'), 2, '--nonsense'],
  ['a soak that is to take no time', [file('soak.mjs'), '--minutes', '0'], 1, '--minutes'],
  ['a soak with a number that is none', [file('soak.mjs'), 'damage', '--cuts', 'zehn'], 1, '--cuts'],
  ['a soak with a negative number', [file('soak.mjs'), 'damage', '--flips=-5'], 1, '--flips'],
  ['a soak that is to do nothing', [file('soak.mjs'), 'damage', '--rounds', '0'], 1, '--rounds'],
  ['a list with an option that there is not', [file('conformance.mjs'), '--list', '--sed', '7'], 1, '--sed'],
  ['a list with an order, which it does not have', [file('conformance.mjs'), '--list', '--seed', '7'], 1, '--seed'],
  ['an order that is none', [file('conformance.mjs'), '--seed', 'x'], 1, '--seed'],
  ['a script that takes no option', [file('build.mjs'), '--watch'], 1, '--watch'],
  ['a script that takes no argument', [file('kernel.mjs'), 'all'], 1, 'all'],
  ['a script that prints a folder', [file('electron-dist.mjs'), '--offline'], 1, '--offline'],
  ['a script that checks types', [file('typecheck.mjs'), '--watch'], 1, '--watch'],
])('%s says in a sentence what is wrong with an option', (_what, args, code, named) => {
  // One that goes on to work is ended.
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 });
  expect(stderr).toContain(named);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect({ status, stdout }).toEqual({ status: code, stdout: '' });
});

it('soak lists the options of each with what counts when they are left out', () => {
  const all = spawnSync(process.execPath, [file('soak.mjs'), '--help'], { encoding: 'utf8' }).stdout;
  for (const [name, options] of Object.entries(SOAK_OPTIONS)) {
    expect(all).toContain(`npm run soak -- ${name} [options]: `);
    const one = spawnSync(process.execPath, [file('soak.mjs'), name, '-h'], { encoding: 'utf8' }).stdout;
    expect(all).toContain(one);
    for (const [option, { value, default: preset }] of Object.entries<DescribedOption>(options)) {
      expect(one).toMatch(new RegExp(`^  --${option} <${String(value)}> .*${preset === undefined ? '' : `\\(${String(preset)}\\)`}$`, 'm'));
    }
  }
});
