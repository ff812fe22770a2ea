import { test as base } from 'playwright/test';
import { inPath } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';

/**
 * Whether tests have displays of their own. Elsewhere they share the screen of whoever runs them, as do those that somebody looks at with
 * Playwright's `--debug`.
 */
export const OWN_DISPLAYS = process.platform === 'linux' && inPath('Xvfb') && process.env['PWDEBUG'] === undefined;

/**
 * `test` on a display of its own for each worker, where that can be had: no window gets in a person's way, pictures have one size, and tests
 * that run at the same time cannot take the focus or the clipboard from each other.
 */
export const test = base.extend<object, { display: undefined }>({
  display: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern.
    async ({}, use) => {
      if (!OWN_DISPLAYS) return use(undefined);
      await withXvfb(async (env) => {
        // Apps get the variables of this worker.
        for (const name of new Set([...Object.keys(process.env), ...Object.keys(env)])) {
          if (env[name] === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = env[name];
        }
        await use(undefined);
      });
    },
    { scope: 'worker', auto: true },
  ],
});
