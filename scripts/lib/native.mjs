// The native mining kernel: compiled where there is a C compiler, and left out without a word where there is none. Nothing needs it.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { localDir, root } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

/** The module's name; src/node/mining/native-kernel.ts looks for it beside the file that it was built into. */
export const NATIVE_KERNEL = 'mining-kernel.node';

const sources = join(root, 'src', 'node', 'mining', 'native');
/** The symbols of Node-API are in the executable that loads the module. */
const LINK = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup', '-arch', 'x86_64'] : ['-shared', '-fPIC'];
const FLAGS = ['-O3', '-std=gnu11', '-Wall', '-Wextra', '-fvisibility=hidden', '-DNAPI_VERSION=8', ...LINK];

/**
 * A command that compiles C and what it says of itself. `CC` names another one, arguments included.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ command: string[], version: string } | undefined>}
 */
export async function findCompiler(env = process.env) {
  const given = env['CC']?.trim();
  // On a Mac without its developer tools `cc` is there, and asks in a window whether it shall install them.
  if (!given && process.platform === 'darwin' && (await run('xcode-select', ['-p'], { env, output: 'pipe' })).code !== 0) return undefined;
  for (const command of given ? [given.split(/\s+/)] : [['cc'], ['gcc'], ['clang']]) {
    const { code, stdout } = await run(command[0] ?? '', [...command.slice(1), '--version'], { env, output: 'pipe' });
    if (code === 0 && stdout !== '') return { command, version: stdout };
  }
  return undefined;
}

/** The folder with Node-API's headers, which come from npm. */
function headersDir() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
  } catch {
    return undefined;
  }
}

/**
 * Compiles the module, once for each state of the sources, the compiler and its flags. Where no compiler is found any more, what one has made of
 * these sources is as good as before: a shorter PATH, or Ctrl+C while it is looked for, takes nothing away.
 * @param {{ env?: NodeJS.ProcessEnv, cache?: string }} [options]
 * @returns {Promise<string | undefined>} the compiled file; undefined where it cannot be made
 */
export async function compileNative({ env = process.env, cache = join(localDir, 'native') } = {}) {
  if (process.arch !== 'x64' || !['linux', 'darwin'].includes(process.platform)) return undefined;
  const include = headersDir();
  if (include === undefined) return undefined;
  const compiler = await findCompiler(env);
  const hash = createHash('sha256').update(JSON.stringify(FLAGS));
  for (const folder of [sources, include]) {
    for (const name of (await readdir(folder)).filter((each) => /\.[ch]$/.test(each)).sort()) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  }
  const sourcesKey = hash.digest('hex').slice(0, 32);
  await mkdir(cache, { recursive: true });
  const known = await readdir(cache);
  if (compiler === undefined) {
    const other = known.find((each) => each.startsWith(`${sourcesKey}-`) && each.endsWith('.node'));
    return other === undefined ? undefined : join(cache, other);
  }
  const name = `${sourcesKey}-${createHash('sha256').update(JSON.stringify(compiler)).digest('hex').slice(0, 16)}`;
  const [made, failed] = [join(cache, `${name}.node`), join(cache, `${name}.failed`)];
  if (known.includes(basename(made))) return made;
  if (known.includes(basename(failed))) return undefined;
  const partial = `${made}.${process.pid}`;
  const [command = '', ...own] = compiler.command;
  const { code, stderr } = await run(command, [...own, ...FLAGS, '-I', include, '-o', partial, join(sources, 'module.c')], { env, output: 'pipe' });
  if (code === 0) {
    await rename(partial, made);
    return made;
  }
  await rm(partial, { force: true });
  say(`the native mining kernel could not be compiled (its place is taken by WebAssembly): ${stderr.split('\n').find((line) => line.includes('error')) ?? `${command} ended with code ${code}`}`);
  // The same compiler fails at the same sources again. One that was stopped by a signal may do better.
  if (code < 128) await writeFile(failed, stderr);
  return undefined;
}

/**
 * Puts the module into a folder of built files, or takes one away that is not of these sources. A running program keeps the file that it
 * has loaded: the new one is made beside it and renamed. What fails here costs speed only, so it is told and is no error.
 * @param {string} folder
 * @param {Parameters<typeof compileNative>[0]} [options]
 * @returns {Promise<boolean>} whether it is there
 */
export async function placeNative(folder, options) {
  const target = join(folder, NATIVE_KERNEL);
  try {
    const made = await compileNative(options);
    if (made === undefined) {
      await rm(target, { force: true });
      return false;
    }
    const there = await readFile(target).catch(() => undefined);
    if (there?.equals(await readFile(made))) return true;
    const partial = `${target}.${process.pid}`;
    await copyFile(made, partial);
    await rename(partial, target);
    return true;
  } catch (error) {
    say(`the native mining kernel is left out: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
