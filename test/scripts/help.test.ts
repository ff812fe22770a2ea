import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { help } from '../../scripts/lib/help.mjs';
import { SETTINGS_TABLE } from '../../src/node/settings.ts';

it('lists every setting of the app, and no other', () => {
  const listed = [...help.matchAll(/^ {2}--([a-z0-9-]+) <\S+> +([A-Z0-9_]+) /gm)].map(([, option, variable]) => ({ option, variable }));
  const known = SETTINGS_TABLE.map(({ option, variable }) => ({ option, variable }));
  const byOption = (a: { option?: string | undefined }, b: { option?: string | undefined }): number =>
    String(a.option).localeCompare(String(b.option));
  expect(listed.sort(byOption)).toEqual(known.sort(byOption));
});

it('names every command of the project', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { scripts: Record<string, string> };
  const missing = Object.keys(scripts).filter((name) => !new RegExp(`\\b${name}(?![\\w:-])`).test(help));
  expect(missing).toEqual([]);
});

it('is printed without preparing anything', async () => {
  const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
  const elsewhere = mkdtempSync(join(tmpdir(), 'chainscope-help-'));
  try {
    const env = { PATH: elsewhere, HOME: elsewhere, XDG_CACHE_HOME: elsewhere };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--help'], { cwd: elsewhere, env });
    expect(stdout).toBe(help);
    expect(stderr).toBe('');
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});
