import { expectSameChain } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

/** More than a snapshot holds, so that the chain's foot has to be fetched. */
const HEIGHT = 340;

/** Runs in the page as it loads, once: presses both keys in the moment in which the chain is there. */
const HOME_AND_ENTER = `(() => {
  if (window.name === 'pressed') return;
  window.name = 'pressed';
  const observer = new MutationObserver(async () => {
    const list = document.querySelector('.strip-list');
    if (list === null) return;
    observer.disconnect();
    for (const key of ['Home', 'Enter']) {
      list.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      // React draws what a key changed when the code that told it of the key is done.
      for (let turn = 0; turn < 10; turn += 1) await null;
    }
  });
  observer.observe(document, { childList: true, subtree: true });
})()`;

test('UI-7 a jump to any height shows the right hash, by key, by slider and by name, on a chain longer than the window holds', async ({ apps }) => {
  test.setTimeout(180_000);
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

  // Home, whose block the window does not hold, and Enter before any answer can be there: the block that was gone to is meant.
  await app.page.addInitScript(HOME_AND_ENTER);
  await app.page.reload();
  await expect(heading).toHaveText('Block 0');
  await app.page.reload();
  await expect(app.tile(hashAt(HEIGHT))).toBeVisible();

  // The same with time to look.
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

  // T goes on from the chosen block in the table too, where the window does not hold it: chosen by key, by mouse, as a child of another.
  const row = app.page.locator('.table-frame :focus .cell-height');
  for (const [height, choose] of [
    [0, () => canvas.press('Enter')],
    [2, () => app.tile(hashAt(2)).click()],
    [3, () => app.page.getByRole('button', { name: '3', exact: true }).click()],
  ] as const) {
    await expect(app.tile(hashAt(height))).toBeInViewport();
    await choose();
    await expect(heading).toHaveText(`Block ${String(height)}`);
    await canvas.focus();
    await app.page.keyboard.press('t');
    await expect(row).toHaveText(String(height));
    await app.page.keyboard.press('t');
    await expect(canvas).toBeFocused();
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

  // G and a height, near and far.
  for (const height of [HEIGHT, 170, 0]) {
    await app.page.keyboard.press('g');
    await app.page.getByRole('combobox').fill(String(height));
    await app.page.keyboard.press('Enter');
    await expect(heading).toHaveText(`Block ${String(height)}`);
    await expect(app.page.getByRole('option', { selected: true })).toHaveAttribute('data-hash', hashAt(height));
    await expect(app.tile(hashAt(height))).toBeInViewport();
    await canvas.focus();
  }

  // The slider under the mouse: taken at its right end and drawn to its middle, the chain follows all the way.
  const track = await slider.boundingBox();
  if (track === null) throw new Error('the slider has no place');
  await app.page.mouse.move(track.x + track.width - 2, track.y + 15);
  await app.page.mouse.down();
  await expect(slider).toHaveAttribute('aria-valuenow', /^3[34]\d$/);
  await app.page.mouse.move(track.x + track.width * 0.75, track.y + 15);
  await expect(slider).toHaveAttribute('aria-valuenow', /^25[5-8]$/);
  await app.page.mouse.move(track.x + track.width / 2, track.y - 40);
  await app.page.mouse.up();
  await expect(slider).toHaveAttribute('aria-valuenow', /^1(69|70|71|72)$/);
  await expect(app.tile(hashAt(170))).toBeInViewport();
  await app.page.mouse.move(track.x + 10, track.y + 15);
  await expect(slider).toHaveAttribute('aria-valuenow', /^1(69|70|71|72)$/);

  // The table, and back: the chain stands where it was left, and goes only to what was chosen meanwhile, also to a block that it has shown before.
  const left = await camera.getAttribute('data-camera');
  await app.tableButton.click();
  await expect(app.page.getByRole('table', { name: 'Blocks' })).toBeVisible();
  await app.tableButton.click();
  await expect(app.tile(hashAt(170))).toBeInViewport();
  expect(await camera.getAttribute('data-camera')).toBe(left);
  for (const meanwhile of [[90], [200, 90]]) {
    await app.tableButton.click();
    for (const height of meanwhile) {
      await app.page.keyboard.press('g');
      await app.page.getByRole('combobox').fill(String(height));
      await app.page.keyboard.press('Enter');
      await expect(app.page.getByRole('combobox')).toHaveCount(0);
      await expect(heading).toHaveText(`Block ${String(height)}`);
    }
    await app.tableButton.click();
    await expect(app.tile(hashAt(90))).toBeInViewport();
    await slider.focus();
    await app.page.keyboard.press('End');
    await expect(app.tile(hashAt(90))).not.toBeInViewport();
  }
  await canvas.focus();
  await app.page.keyboard.press('Home');
  await expect(app.tile(hashAt(0))).toBeInViewport();
  await app.page.mouse.click(track.x + track.width / 2, track.y + 15);
  await expect(app.tile(hashAt(170))).toBeInViewport();

  // Ctrl and the wheel: a step for a notch, and the block under the pointer stays there.
  const middleOf = async (height: number): Promise<number> => {
    const box = await app.tile(hashAt(height)).boundingBox();
    return box === null ? Number.NaN : box.x + box.width / 2;
  };
  const pointer = await middleOf(172);
  const line = await app.tile(hashAt(172)).boundingBox();
  await app.page.mouse.move(pointer, (line?.y ?? 0) + 10);
  await app.page.keyboard.down('Control');
  await app.page.mouse.wheel(0, 120);
  await expect(camera).toHaveAttribute('data-zoom', 'glyph');
  await expect.poll(async () => Math.abs((await middleOf(172)) - pointer)).toBeLessThanOrEqual(1);
  await app.page.mouse.wheel(0, -120);
  await expect(camera).toHaveAttribute('data-zoom', 'tile');
  await app.page.keyboard.up('Control');
  await expect.poll(async () => Math.abs((await middleOf(172)) - pointer)).toBeLessThanOrEqual(1);
  await canvas.focus();
  await app.page.keyboard.press('Home');
  await app.page.keyboard.press('Enter');
  await expect(heading).toHaveText('Block 0');

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

  // Presented, with all of the chain in sight: a click finds also a block of which only the seal is known. A strip that has just come knows no others.
  await app.tableButton.click();
  await app.tableButton.click();
  await app.page.keyboard.press('F5');
  await canvas.focus();
  for (const step of ['bar', 'line']) {
    await app.page.keyboard.press('-');
    await expect(camera).toHaveAttribute('data-zoom', step);
  }
  await expect(slider).toHaveAttribute('aria-valuetext', /^Blocks 0 to 341 in sight/);
  await expect(app.tile(hashAt(20))).toHaveCount(0);
  // Lines are 2 pixels apart, in a stage that is shown at 1.6 times its size; the options stand over theirs.
  const ends = await Promise.all([app.tile(hashAt(HEIGHT)).boundingBox(), app.tile(hashAt(HEIGHT - 10)).boundingBox()]);
  const [near, far] = ends.map((box) => (box === null ? Number.NaN : box.x + box.width / 2));
  const apart = ((near ?? 0) - (far ?? 0)) / 10;
  expect(apart).toBeCloseTo(3.2, 1);
  await app.page.mouse.click((near ?? 0) - (HEIGHT - 20) * apart, (ends[0]?.y ?? 0) + 10);
  await expect(app.page.getByRole('option', { selected: true })).toHaveAttribute('data-hash', hashAt(20));
});

test('UI-19 a panned camera does not move when 20 blocks arrive, and the pill counts 20', async ({ apps }) => {
  test.setTimeout(90_000);
  const app = await apps.launch();
  const door = await app.http();
  const camera = app.page.locator('[data-camera]');
  const canvas = app.page.getByRole('listbox', { name: /Blocks of the chain/ });
  // The first block alone is explained beside it: further out the words are gone, and nothing points to them.
  await expect(canvas).toHaveAccessibleDescription(/^This is the first block\./);
  await canvas.press('-');
  await expect(camera).toHaveAttribute('data-zoom', 'glyph');
  await expect(canvas).not.toHaveAttribute('aria-describedby');
  await canvas.press('+');
  for (let i = 1; i <= 40; i += 1) await door.mine(`block ${String(i)}`);
  await expect(app.headline).toContainText('block 40');
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('the chain has no place');
  await app.page.mouse.move(box.x + 400, box.y + 200);
  await app.page.mouse.down();
  await app.page.mouse.move(box.x + 1000, box.y + 200, { steps: 5 });
  await app.page.mouse.up();
  await expect(app.page.getByRole('button', { name: 'Follow tip' })).toHaveAttribute('aria-pressed', 'false');
  const chain = await door.blocks();
  const inSight = app.tile(chain[30]?.hash ?? '');
  await expect(inSight).toBeInViewport();
  const [stood, place] = [await camera.getAttribute('data-camera'), await inSight.boundingBox()];

  for (let i = 41; i <= 60; i += 1) await door.mine(`block ${String(i)}`);
  await expect(app.page.getByRole('button', { name: '20 new' })).toBeVisible();
  expect(await camera.getAttribute('data-camera')).toBe(stood);
  expect(await inSight.boundingBox()).toEqual(place);
  // The table in its place forgets nothing, and what comes meanwhile is counted too.
  await app.page.keyboard.press('t');
  await expect(app.page.getByRole('table', { name: 'Blocks' })).toBeVisible();
  await door.mine('while the table is there');
  await expect(app.headline).toContainText('block 61');
  await app.page.keyboard.press('t');
  await app.page.getByRole('button', { name: '21 new' }).click();
  await expect(app.page.getByRole('button', { name: 'Follow tip' })).toHaveAttribute('aria-pressed', 'true');
  await expect(app.tile((await door.blocks()).at(-1)?.hash ?? '')).toBeInViewport();
  await expect(app.page.getByRole('button', { name: /new/ })).toHaveCount(0);
});

/** Runs in the page: from now on, every property that an animation or a transition moves. */
const WATCH_MOTION = `(() => {
  const moved = (window.__moved = new Set());
  // One that is shorter than a frame takes on a busy machine is over before anybody looks.
  addEventListener('transitionrun', ({ propertyName }) => moved.add(propertyName.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase())), true);
  const look = () => {
    for (const animation of document.getAnimations()) {
      for (const frame of animation.effect.getKeyframes()) {
        for (const name of Object.keys(frame)) if (!['offset', 'computedOffset', 'easing', 'composite'].includes(name)) moved.add(name);
      }
    }
    requestAnimationFrame(look);
  };
  look();
})()`;

test('UI-20 reduced motion: no transform runs, and nothing travels', async ({ apps }) => {
  test.setTimeout(90_000);
  const other = await apps.launch({ env: { NODE_NAME: 'Other' } });
  const app = await apps.launch({ env: { NODE_NAME: 'Mover' } });
  const moved = (): Promise<string[]> => app.page.evaluate('[...window.__moved]');
  const door = await app.http();
  await app.addPeer(await other.address());
  await door.mine('one');
  await expectSameChain([app, other], 1);

  // With motion, the avatars travel to the new tip: what the second half must not see.
  await app.page.evaluate(WATCH_MOTION);
  await door.mine('two');
  await expect.poll(moved).toContain('left');

  await app.page.emulateMedia({ reducedMotion: 'reduce' });
  await app.page.reload();
  await expect(app.headline).toContainText('block 2');
  await app.page.evaluate(WATCH_MOTION);
  await door.mine('three');
  await expect(app.headline).toContainText('block 3');
  await app.page.getByRole('button', { name: 'Zoom out' }).click();
  await app.page.getByRole('button', { name: 'Table' }).click();
  await app.page.getByRole('button', { name: 'Table' }).click();
  await door.mine('four');
  await expect(app.headline).toContainText('block 4');
  expect((await moved()).filter((name) => !['opacity', 'color', 'backgroundColor'].includes(name) && !/^border\w*Color$/.test(name))).toEqual([]);
});

test('UI-18 a reorg: the active lane keeps its place, and every tile keeps its block', async ({ apps }) => {
  test.setTimeout(90_000);
  const more = await apps.launch({ env: { NODE_NAME: 'More' } });
  const less = await apps.launch({ env: { NODE_NAME: 'Less' } });
  const [doorMore, doorLess] = await Promise.all([more.http(), less.http()]);
  for (let i = 1; i <= 3; i += 1) await doorMore.mine(`more ${String(i)}`);
  for (let i = 1; i <= 2; i += 1) await doorLess.mine(`less ${String(i)}`);
  const before = await doorLess.blocks();
  await expect(less.tile(before[2]?.hash ?? '')).toBeVisible();
  const lane = (await less.tile(before[1]?.hash ?? '').boundingBox())?.y;
  // Each tile remembers whose it is: were tiles kept by height, one would come to show another block.
  await less.page.evaluate(`for (const tile of document.querySelectorAll('[role="option"]')) tile.__hash = tile.dataset.hash`);

  await less.addPeer(await more.address());
  const chain = await expectSameChain([more, less], 3);
  for (const block of before.slice(1)) await expect(less.tile(block.hash)).toHaveAccessibleName(/stale/);
  for (const block of chain) expect((await less.tile(block.hash).boundingBox())?.y).toBe(lane);
  const kept = await less.page.evaluate<(string | null)[][]>(
    `[...document.querySelectorAll('[role="option"]')].map((tile) => [tile.__hash ?? null, tile.dataset.hash])`,
  );
  expect(kept.filter(([marked]) => marked !== null).length).toBe(before.length);
  for (const [marked, shown] of kept) if (marked !== null) expect(shown).toBe(marked);
});
