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

describe('where electron-vite runs, in the root', () => {
  const within = (): string => join(checkout.root, 'docs');
  const dev = async (args: readonly string[], env: Record<string, string> = {}): Promise<{ args: string[]; dataDir?: string }> => {
    checkout.write('node_modules/electron-vite/bin/electron-vite.js', 'console.log(JSON.stringify({ args: process.argv.slice(2), dataDir: process.env.DATA_DIR }));');
    const { code, out, err } = await checkout.run('dev.mjs', args, { cwd: checkout.root, env: { INIT_CWD: within(), ...env } });
    expect(code, err).toBe(0);
    return JSON.parse(out) as { args: string[]; dataDir?: string };
  };

  it.runIf(process.platform === 'linux')('npm run dev hands on a relative folder as the one that begins where it was typed', async () => {
    const here = join(within(), 'here');
    expect((await dev(['--data-dir', 'here', '--network', 'regtest'])).args.slice(-4)).toEqual(['--data-dir', here, '--network', 'regtest']);
    expect((await dev(['--data-dir=here'])).args.at(-1)).toBe(`--data-dir=${here}`);
    expect(await dev([], { DATA_DIR: 'here' })).toMatchObject({ dataDir: here });
    expect((await dev(['--data-dir', checkout.elsewhere])).args.at(-1)).toBe(checkout.elsewhere);
  });

  it.runIf(process.platform === 'linux')('npm run dev leaves what is no folder for the app to refuse', async () => {
    expect((await dev(['--data-dir', '--network=regtest'])).args.slice(-2)).toEqual(['--data-dir', '--network=regtest']);
    expect((await dev(['--data-dir='])).args.at(-1)).toBe('--data-dir=');
    expect((await dev([], { DATA_DIR: '' })).dataDir).toBe('');
  });
});

it('npm run fuzz reads and writes its corpus where it was named, else among the tests', async () => {
  checkout.write('scripts/lib/bundle.mjs', "import { writeFileSync } from 'node:fs';\nexport const bundleForNode = async (folder) => writeFileSync(`${folder}/fuzz.js`, 'console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2) }));');\n");
  const own = ['--corpus', join(checkout.root, 'test', 'fuzz', 'corpus')];
  expect(await started('fuzz.mjs', {})).toEqual({ cwd: checkout.elsewhere, args: [...own, '--data-dir', 'here'] });
});
