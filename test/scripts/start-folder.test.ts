import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standInCheckout, type Checkout } from './checkout.ts';

let checkout: Checkout;
beforeAll(async () => {
  checkout = await standInCheckout();
});
afterAll(() => {
  checkout.remove();
});

/** The stand-in for Electron is a script with a first line, which only Unix starts. */
const scripts = process.platform === 'linux' ? ['cli.mjs', 'verify.mjs', 'start.mjs'] : ['cli.mjs', 'verify.mjs'];

async function started(script: string, options: Parameters<Checkout['run']>[2]): Promise<{ cwd: string; args: string[] }> {
  const { code, out, err } = await checkout.run(script, ['--data-dir', 'here'], options);
  expect(code, err).toBe(0);
  return JSON.parse(out) as { cwd: string; args: string[] };
}

describe.each(scripts)('%s', (script) => {
  it('runs its program where it was started, so that a relative folder begins there', async () => {
    const { cwd, args } = await started(script, {});
    expect(cwd).toBe(checkout.elsewhere);
    expect(args.slice(-2)).toEqual(['--data-dir', 'here']);
  });

  it('runs it where npm was called, which itself changes to the root', async () => {
    const within = join(checkout.root, 'docs');
    mkdirSync(within, { recursive: true });
    expect((await started(script, { cwd: checkout.root, env: { INIT_CWD: within } })).cwd).toBe(within);
    expect((await started(script, { cwd: checkout.root })).cwd).toBe(checkout.root);
  });

  it('asks no npm that was called before, somewhere else', async () => {
    expect((await started(script, { env: { INIT_CWD: checkout.root } })).cwd).toBe(checkout.elsewhere);
  });
});

it.runIf(process.platform === 'linux')('npm start names the app by its whole path, also to an Electron that was named by a relative one', async () => {
  const { args } = await started('start.mjs', { cwd: checkout.root, env: { ELECTRON_OVERRIDE_DIST_PATH: 'electron', INIT_CWD: checkout.elsewhere } });
  expect(args.at(-3)).toBe(checkout.root);
});
