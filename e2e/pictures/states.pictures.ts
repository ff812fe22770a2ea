import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLook } from '../harness/looks/arrange.ts';
import { picture } from '../harness/looks/pictures.ts';
import { expect, test } from '../harness/looks/test.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** What takes luck or many nodes to see: from the states that the window is compared in. */
test('four lanes of forks, a reorg, a changed copy, and Present', async ({ looks }) => {
  await openLook(looks, 'four-lanes');
  await writeFile(join(FOLDER, 'forks-dark.png'), await picture(looks));
  await openLook(looks, 'reorg', [1280, 800, 1], 'light');
  await writeFile(join(FOLDER, 'reorg-light.png'), await picture(looks));
  await openLook(looks, 'tampered');
  await writeFile(join(FOLDER, 'tampered-dark.png'), await picture(looks));
  await openLook(looks, 'mining');
  await looks.page.keyboard.press('F5');
  await expect(looks.page.locator('.present').first()).toBeVisible();
  await looks.rest();
  await writeFile(join(FOLDER, 'present-dark.png'), await picture(looks));
});
