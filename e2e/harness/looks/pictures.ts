import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type TestInfo } from 'playwright/test';
import type { Looks } from './launch.ts';

/** Tries until two pictures in a row are the same. */
const TRIES = 8;
/** What one build of Electron may draw differently from one machine to the next. A tile has more than 3,000 pixels, a letter about 40. */
const TOLERANCE = { threshold: 0.12, maxDiffPixels: 60 };

/**
 * Pictures are compared only with ones of the same system and the same major version of Electron: another Chromium draws letters otherwise.
 * Undefined on systems without pictures.
 */
export async function baselineFolder(looks: Looks): Promise<string> {
  const major = await looks.electron.evaluate(() => process.versions.electron.split('.', 1)[0]);
  return `${process.platform}-${process.arch}-electron${String(major)}`;
}

/** Where this test file keeps the pictures of a folder. */
const pathOf = (info: TestInfo, folder: string): string => join(info.project.testDir, 'snapshots', info.titlePath[0] ?? '', folder);

/** Whether there is something to compare with, or `npm run pictures` is making it. */
export async function hasBaselines(info: TestInfo, folder: string): Promise<boolean> {
  if (info.config.updateSnapshots === 'all' || info.config.updateSnapshots === 'changed') await mkdir(pathOf(info, folder), { recursive: true });
  return existsSync(pathOf(info, folder));
}

/** The whole window, as PNG: motion at its end, no caret, and the same twice in a row. */
export async function picture(looks: Looks, { grey = false } = {}): Promise<Buffer> {
  const { page } = looks;
  const cdp = await page.context().newCDPSession(page);
  try {
    await cdp.send('Emulation.setEmulatedVisionDeficiency', { type: grey ? 'achromatopsia' : 'none' });
    await page.evaluate(`
      document.documentElement.style.caretColor = 'transparent';
      for (const motion of document.getAnimations()) motion.effect?.getTiming().iterations === Infinity ? motion.cancel() : motion.finish();
    `);
    // Not Playwright's own screenshot: of a page at a zoom of 200% it takes a quarter.
    const take = async (): Promise<Buffer> => Buffer.from((await cdp.send('Page.captureScreenshot', { format: 'png' })).data, 'base64');
    let before = await take();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const after = await take();
      if (after.equals(before)) return after;
      before = after;
    }
    throw new Error('The window does not come to rest: two pictures in a row always differ.');
  } finally {
    await cdp.send('Emulation.setEmulatedVisionDeficiency', { type: 'none' });
    await cdp.detach();
  }
}

/** Compares the window with its picture, or writes that when `npm run pictures` asks for it. */
export async function expectPicture(looks: Looks, folder: string, name: string, options: { grey?: boolean } = {}): Promise<void> {
  expect.soft(await picture(looks, options)).toMatchSnapshot([folder, `${name}.png`], TOLERANCE);
}
