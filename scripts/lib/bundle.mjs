// Builds TypeScript entries as the app is built, for tests and benches: the oldest Node that is supported cannot read TypeScript.
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
}
