import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { electronExecutable, ensureElectron } from './scripts/lib/electron.mjs';

// The oldest Electron that the code runs on is 33 (see docs/adr/0001-electron-fallback.md).
const nodeTarget = 'node20.18';
const chromeTarget = 'chrome130';

export default defineConfig(async ({ command }) => {
  // `electron-vite dev` looks only here for the executable.
  if (command === 'serve') process.env['ELECTRON_EXEC_PATH'] ??= electronExecutable(await ensureElectron());
  const sourcemap = command === 'serve' ? ('inline' as const) : true;
  return {
    main: {
      build: {
        target: nodeTarget,
        sourcemap,
        outDir: 'out/main',
        externalizeDeps: true,
        rollupOptions: {
          input: {
            index: resolve('src/main/index.ts'),
            cli: resolve('src/cli/index.ts'),
            verify: resolve('src/cli/verify.ts'),
            // The miner loads this one by its name, beside the file it was bundled into.
            worker: resolve('src/node/mining/worker.ts'),
          },
          output: { format: 'es' as const, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    },
    preload: {
      build: {
        target: nodeTarget,
        sourcemap,
        outDir: 'out/preload',
        // A sandboxed preload may require nothing but electron, so everything else goes into the bundle.
        externalizeDeps: false,
        rollupOptions: {
          input: { index: resolve('src/preload/index.ts') },
          output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
        },
      },
    },
    renderer: {
      root: 'src/renderer',
      plugins: [react()],
      build: {
        target: chromeTarget,
        sourcemap,
        outDir: 'out/renderer',
        // The page's policy allows fonts and scripts from its own files only, so nothing is put into data URLs.
        assetsInlineLimit: 0,
        rollupOptions: { input: { index: resolve('src/renderer/index.html') } },
      },
    },
  };
});
