import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npx vite --config test/renderer/stage/visual/vite.config.ts`: the window in made-up states, in any browser. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  server: { port: 5199, strictPort: true, fs: { allow: ['../../../..'] } },
  cacheDir: '../../../../node_modules/.vite-visual',
  build: { target: 'chrome130' },
});
