import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const file = (path: string): string => fileURLToPath(new URL(`../../scripts/${path}`, import.meta.url));

it.each([
  ['a script', [file('soak.mjs'), '--nonsense', '1'], 1],
  ['a script whose option lacks its value', [file('soak.mjs'), '--minutes'], 1],
  ['a program that a script builds', ['--input-type=module', '-e', `import { optionsOrExit } from ${JSON.stringify(new URL('../../scripts/lib/options.mjs', import.meta.url).href)}; optionsOrExit({ args: ['--nonsense'], options: {} });`], 2],
])('%s says in a sentence what is wrong with an option', (_what, args, code) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toMatch(/--(nonsense|minutes)/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ status, stdout }).toEqual({ status: code, stdout: '' });
});
