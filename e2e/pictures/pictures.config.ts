import { defineConfig } from 'playwright/test';
import common from '../../playwright.config.ts';

/** Takes the pictures of README and docs from the built app: `npm run pictures -- readme`. */
export default defineConfig({
  ...common,
  testDir: '.',
  testMatch: '*.pictures.ts',
  outputDir: '../../test-results',
  timeout: 300_000,
  reporter: 'list',
});
