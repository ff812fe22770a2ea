import { defineConfig } from 'playwright/test';
import { OWN_DISPLAYS } from './e2e/harness/display.ts';
import { ensureElectron } from './scripts/lib/electron.mjs';

// Playwright's `_electron.launch` without `executablePath` looks here; test workers inherit it.
process.env['ELECTRON_OVERRIDE_DIST_PATH'] = await ensureElectron();

const inCi = Boolean(process.env['CI']);

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // While one test waits for a window another one computes. Tests that share a screen would take the focus from each other.
  workers: OWN_DISPLAYS ? 2 : 1,
  fullyParallel: false,
  // A test that passes only sometimes is a failure to look at.
  retries: 0,
  timeout: 60_000,
  forbidOnly: inCi,
  expect: {
    timeout: 10_000,
    toHaveScreenshot: { animations: 'disabled', caret: 'hide', scale: 'css', maxDiffPixelRatio: 0.01 },
  },
  snapshotPathTemplate: '{testDir}/snapshots/{testFileName}/{arg}{ext}',
  reporter: [['list'], ['json', { outputFile: 'reports/e2e.json' }]],
});
