import type { Page } from 'playwright/test';
import type { App } from './harness/app.ts';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

/** Resolves with the time, in ms since 1970, at which the peers' list first holds this text. The page watches by itself: a poll would be late. */
function whenListed(page: Page, text: string): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const list = document.querySelector('ul[aria-label="Peers"]');
    const look = () => {
      if (!list.textContent.includes(${JSON.stringify(text)})) return;
      observer.disconnect();
      resolve(Date.now());
    };
    const observer = new MutationObserver(look);
    observer.observe(list, { subtree: true, childList: true, characterData: true });
    look();
  })`);
}

/** Presses the button in the page and gives the time of the press, in ms since 1970. */
function press(page: Page, label: string): Promise<number> {
  const selector = `button[aria-label="${label}"]`;
  return page.evaluate<number>(`(() => {
    const at = Date.now();
    document.querySelector(${JSON.stringify(selector)}).click();
    return at;
  })()`);
}

async function pair(launch: (name: string) => Promise<App>): Promise<[App, App]> {
  const [aster, birch] = await Promise.all([launch('Aster'), launch('Birch')]);
  await aster.addPeer(await birch.address());
  await expectConnected(aster, 1);
  await expectConnected(birch, 1);
  return [aster, birch];
}

test('UI-25 cutting a link shows a ghost in both windows within 500 ms; either window mends it', async ({ apps }) => {
  const both = await pair((name) => apps.launch({ env: { NODE_NAME: name } }));
  for (const [cutter, mender] of [[0, 0], [0, 1], [1, 0]] as const) {
    const names = ['Aster', 'Birch'];
    const [one, other] = [both[cutter], both[1 - cutter]] as [App, App];
    const [own, theirs] = [names[cutter] ?? '', names[1 - cutter] ?? ''];
    const ghosts = [whenListed(one.page, 'cut by you'), whenListed(other.page, `cut by ${own}`)];
    const start = await press(one.page, `Cut the link to ${theirs}`);
    const shown = await Promise.all(ghosts);
    expect(Math.max(...shown) - start, 'ms to the second ghost').toBeLessThanOrEqual(500);
    await expect(one.page.getByText(`The link to ${theirs} is cut.`).first()).toBeAttached();
    await expect(other.page.getByText(`${own} cut the link.`)).toBeAttached();
    await expect(other.peers).toHaveCSS('outline-style', 'dashed');

    const linked = both.map((app) => whenListed(app.page, 'same tip'));
    const mended = await press((both[mender]).page, `Mend the link to ${names[1 - mender] ?? ''}`);
    const back = await Promise.all(linked);
    test.info().annotations.push({ type: 'measured', description: `cut ${String(Math.max(...shown) - start)} ms, mended ${String(Math.max(...back) - mended)} ms` });
    await expect(one.peers).toHaveCount(1);
    await expect(other.peers).toHaveCount(1);
  }
});

test('UI-25 NET-01 a fork by cutting, and one chain after mending, with no new block; by keyboard alone', async ({ apps }) => {
  const [aster, birch] = await pair((name) => apps.launch({ env: { NODE_NAME: name } }));
  const cut = aster.page.getByRole('button', { name: 'Cut the link to Birch' });
  await cut.focus();
  await aster.page.keyboard.press('Enter');
  const mend = aster.page.getByRole('button', { name: 'Mend the link to Birch' });
  await expect(mend).toBeFocused();
  await expect(birch.peers).toHaveText([/cut by Aster/]);
  await (await aster.http()).mine('alone here');
  await (await birch.http()).mine('alone there');
  await (await birch.http()).mine('and once more');
  expect((await aster.snapshot()).chain.tip.height).toBe(1);
  await mend.press('Enter');
  await expectSameChain([aster, birch], 2);
  await expect(cut).toBeFocused();
  await expect(aster.peers).toHaveText([/same tip/]);
  expect((await aster.snapshot()).chain.sideTips).toHaveLength(1);
});
