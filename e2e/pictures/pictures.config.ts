import { defineConfig } from 'playwright/test';
import common from '../../playwright.config.ts';

/** Takes the pictures of the README from the built app: `npm run build`, then `npx playwright test -c e2e/pictures/pictures.config.ts`. */
export default defineConfig({
  ...common,
  testDir: '.',
  testMatch: '*.pictures.ts',
  outputDir: '../../test-results',
  timeout: 300_000,
  reporter: 'list',
});
