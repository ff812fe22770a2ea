import type { App } from './harness/app.ts';
import { expectConnected } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

/** Ms that the headline may take to say that there is a fork. */
const WITHIN = 2500;

/** From now on the page remembers when, in ms since 1970, its headline began to say each thing. */
async function watchHeadline(app: App): Promise<void> {
  await app.page.evaluate(`(() => {
    const seen = (window.__headlines = []);
    const heading = document.querySelector('.headline');
    const look = () => {
      const text = heading.querySelector('h1').textContent + ' | ' + heading.querySelector('p').textContent;
      if (seen.at(-1)?.text !== text) seen.push({ text, at: Date.now() });
    };
    new MutationObserver(look).observe(heading, { subtree: true, childList: true, characterData: true });
    look();
  })()`);
}

async function firstSaid(app: App, part: string): Promise<number> {
  const find = `window.__headlines.find(({ text }) => text.includes(${JSON.stringify(part)}))?.at ?? 0`;
  await expect.poll(() => app.page.evaluate<number>(find), `the headline of ${await app.name()}`).toBeGreaterThan(0);
  return app.page.evaluate<number>(find);
}

test('UI-17 the headline names the nodes on the tip, and changes within 2.5 s of a fork', async ({ apps }) => {
  const aster = await apps.launch({ env: { NODE_NAME: 'Aster' } });
  await (await aster.http()).mine('common');
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await aster.address() } });
  await expect(aster.headline).toContainText('You and Birch agree on block 1');
  await expect(birch.headline).toContainText('You and Aster agree on block 1');

  const fork = async (app: App, command: 'cutPeer' | 'mendPeer'): Promise<void> => {
    const key = (await app.snapshot()).peers[0]?.key;
    await app.page.evaluate(
      ([name, peer]) => (globalThis as unknown as { chainscope: Record<string, (argument: object) => Promise<unknown>> }).chainscope[name ?? '']?.({ key: peer }),
      [command, key] as const,
    );
  };
  await fork(aster, 'cutPeer');
  await expectConnected(birch, 0);
  await (await aster.http()).mine('of Aster');
  await (await birch.http()).mine('of Birch');
  await watchHeadline(aster);
  await watchHeadline(birch);
  // The fork is one as soon as the link is whole: until then neither can know of the other's block.
  const begun = Date.now();
  await fork(aster, 'mendPeer');
  for (const [app, other] of [
    [aster, 'Birch'],
    [birch, 'Aster'],
  ] as const) {
    const said = await firstSaid(app, `You are alone on block 2 | ${other} follows another branch since block 1.`);
    expect(said - begun, `ms until ${await app.name()} says it`).toBeLessThanOrEqual(WITHIN);
  }

  // A third node on one of the branches is named with whom it agrees.
  const cedar = await apps.launch({ env: { NODE_NAME: 'Cedar', PEERS: await aster.address() } });
  await expect(cedar.headline).toContainText('You and Aster agree on block 2');
  await expect(aster.headline).toContainText('You and Cedar agree on block 2. Birch follows another branch');
  // The fork ends with one more block, and so does the sentence about it.
  const ended = Date.now();
  await (await aster.http()).mine('the longer branch');
  const agreed = await firstSaid(aster, 'You, Birch and Cedar agree on block 3');
  expect(agreed - ended).toBeLessThanOrEqual(WITHIN);
});
