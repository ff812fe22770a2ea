import { expect, test } from './harness/test.ts';

/** More than a snapshot holds, so that the chain's foot has to be fetched. */
const HEIGHT = 340;

test('the whole chain: to height 0 and back by key and by slider, on a chain longer than the window holds', async ({ apps }) => {
  test.setTimeout(120_000);
  const app = await apps.launch();
  const door = await app.http();
  for (let i = 1; i <= HEIGHT; i += 1) await door.mine(`block ${String(i)}`);
  await app.page.reload();
  await expect(app.headline).toContainText(`block ${String(HEIGHT)}`);
  const chain = await door.blocks();
  const hashAt = (height: number): string => chain[height]?.hash ?? '';
  const heading = app.page.getByRole('heading', { name: /^Block [\d,]+$/ });
  const canvas = app.page.getByRole('listbox', { name: /Blocks of the chain/ });
  const slider = app.page.getByRole('slider', { name: 'Whole chain' });
  await expect(app.tile(hashAt(HEIGHT))).toBeVisible();
  await expect(app.page.getByText(`${String(HEIGHT + 1)} blocks, no forks`)).toBeVisible();
  expect((await app.snapshot()).blocks[0]?.height).toBeGreaterThan(0);

  // Home, whose block the window does not hold.
  await canvas.focus();
  await app.page.keyboard.press('Home');
  await expect(app.tile(hashAt(0))).toBeInViewport();
  await expect(canvas).toHaveAttribute('aria-activedescendant', new RegExp(`${hashAt(0).slice(-16)}$`));
  await app.page.keyboard.press('Enter');
  await expect(app.tile(hashAt(0))).toHaveAttribute('aria-selected', 'true');
  await expect(heading).toHaveText('Block 0');
  await expect(canvas).toBeFocused();
  await expect(app.page.getByRole('button', { name: 'Follow tip' })).toHaveAttribute('aria-pressed', 'false');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Blocks 0 to \d+ in sight/);

  // Every option in sight has the hash of its height, and hands its hue on.
  const options = await app.page.getByRole('option').evaluateAll((elements) =>
    (elements as unknown as { dataset: Record<string, string> }[]).map(({ dataset }) => ({ ...dataset })),
  );
  expect(options.length).toBeGreaterThan(10);
  expect(options.length).toBeLessThanOrEqual(40);
  for (const [index, option] of options.entries()) {
    expect(option['hash']).toBe(hashAt(Number(option['height'])));
    if (index > 0 && Number(option['height']) === Number(options[index - 1]?.['height']) + 1) {
      expect(option['leftHue']).toBe(options[index - 1]?.['rightHue']);
    }
  }

  // A block that arrives moves nothing, and is counted.
  const camera = app.page.locator('[data-camera]');
  const stood = await camera.getAttribute('data-camera');
  await door.mine('one more');
  await expect(app.page.getByRole('button', { name: '1 new' })).toBeVisible();
  expect(await camera.getAttribute('data-camera')).toBe(stood);

  // The slider, then End.
  await slider.focus();
  await app.page.keyboard.press('PageUp');
  await expect(app.tile(hashAt(40))).toBeInViewport();
  await canvas.focus();
  await app.page.keyboard.press('End');
  const tip = (await door.blocks()).at(-1)?.hash ?? '';
  await expect(app.tile(tip)).toBeInViewport();
  await app.page.keyboard.press('Enter');
  await expect(heading).toHaveText(`Block ${String(HEIGHT + 1)}`);
  await app.page.keyboard.press('Home');
  await app.page.keyboard.press('Enter');
  await expect(heading).toHaveText('Block 0');
  await expect(app.page.getByRole('option', { selected: true })).toHaveAttribute('data-hash', hashAt(0));

  // Zoom: more of the chain in sight, never more than 40 options, and a click still finds its block.
  await app.page.keyboard.press('-');
  await app.page.keyboard.press('-');
  await expect(camera).toHaveAttribute('data-zoom', 'bar');
  await app.tile(hashAt(3)).click();
  await expect(heading).toHaveText('Block 3');
  expect(await app.page.getByRole('option').count()).toBeLessThanOrEqual(40);
  await app.page.getByRole('button', { name: 'Zoom in' }).click();
  await expect(camera).toHaveAttribute('data-zoom', 'glyph');
  await app.page.getByRole('button', { name: 'Follow tip' }).click();
  await expect(app.tile(tip)).toBeInViewport();
});
