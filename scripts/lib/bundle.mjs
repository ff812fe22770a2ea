// Builds TypeScript entries as the app is built, for tests and benches: the oldest Node that is supported cannot read TypeScript.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './paths.mjs';

/**
 * One ES module for Node per entry, packages left outside. The folder must be one from which the packages are found.
 * @param {string} folder
 * @param {Record<string, string>} entries name → absolute path
 * @param {{ external?: string[], sourcemap?: 'inline' }} [options]
 */
export async function bundleForNode(folder, entries, options = {}) {
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: true,
      target: 'node20.18',
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      ...(options.sourcemap === undefined ? {} : { sourcemap: options.sourcemap }),
      rollupOptions: {
        ...(options.external === undefined ? {} : { external: options.external }),
        input: entries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  // Not every engine sees by itself that a file is a module: Electron 33 does not.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
}

/**
 * One script for a page, as text: `var <name> = …` with what the module exports.
 * @param {string} entry absolute path
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function bundleForPage(entry, name) {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: { write: false, target: 'chrome130', minify: false, lib: { entry, formats: ['iife'], name } },
  });
  const outputs = Array.isArray(built) ? built : 'output' in built ? [built] : [];
  const chunk = outputs.flatMap(({ output }) => output).find(({ type }) => type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error(`${entry} gave no script`);
  return chunk.code;
}
