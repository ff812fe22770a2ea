import { expect } from 'playwright/test';
import { test as base } from '../display.ts';
import { Looks } from './launch.ts';

/** `test` with one window for all tests of a worker. A page that logged an error fails the test that passed otherwise. */
export const test = base.extend<{ looks: Looks }, { window: Looks }>({
  window: [
    async ({ display: _display }, use) => {
      const looks = await Looks.launch();
      await use(looks);
      await looks.close();
    },
    { scope: 'worker' },
  ],
  looks: async ({ window }, use, info) => {
    window.errors.length = 0;
    await use(window);
    if (info.status === info.expectedStatus) expect(window.errors, 'errors in the console of the page').toEqual([]);
  },
});

export { expect } from 'playwright/test';
