import { genesisParent, mineFork, type MinedBlock } from '../test/helpers/mine-fork.ts';
import { serveChain, tipOf } from '../test/helpers/raw-chain.ts';
import { RawPeer } from '../test/helpers/raw-peer.ts';
import { FOLLOW_MS } from '../src/renderer/lib/limits.ts';
import { expect, test } from './harness/test.ts';

const BLOCKS = 1000;
/** Ms in which they are announced, one after the other. */
const SPAN = 10_000;
/** Ms between two things that are read out. */
const QUIET = 2000;

/** Notes, with its time, what the headline's live region says, how many toasts are in sight at once, and how often the block panel turns to another block. */
const WATCH = `(() => {
  const noted = (window.__noted = { statuses: [], toasts: 0, titles: 0 });
  const status = document.querySelector('[role="status"][aria-label="Headline"]');
  let last = status.textContent;
  new MutationObserver(() => {
    if (status.textContent === last) return;
    last = status.textContent;
    noted.statuses.push(performance.now());
  }).observe(status, { subtree: true, childList: true, characterData: true });
  let title = '';
  new MutationObserver(() => {
    const now = document.querySelector('#block-title').textContent;
    if (now !== title) noted.titles += 1;
    title = now;
  }).observe(document.querySelector('.block-panel'), { subtree: true, childList: true, characterData: true });
  const count = () => {
    const shown = [...document.querySelectorAll('.toast')].filter((toast) => toast.getClientRects().length > 0).length;
    noted.toasts = Math.max(noted.toasts, shown);
  };
  new MutationObserver(count).observe(document.body, { subtree: true, childList: true, attributes: true });
  count();
})()`;

interface Noted {
  statuses: number[];
  toasts: number;
  titles: number;
}

test('UI-30 1,000 blocks in 10 s: at most 3 toasts, one status announcement per 2 s, no console error', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: 'Aster' } });
  const blocks = mineFork(genesisParent(), BLOCKS);
  // What the peer has found by now: it knows no more of the chain than a miner would.
  const found: MinedBlock[] = [];
  const asked = new Set<string>();
  const peer = await RawPeer.connect(await app.p2pPort(), { name: 'Birch', tip: tipOf([]) }, (raw) => {
    serveChain(raw, found);
    const serve = raw.answers.getdata;
    raw.answers.getdata = (message) => {
      for (const { hash } of message.entries) asked.add(hash);
      serve?.(message);
    };
  });
  await expect(app.headline).toContainText('You and Birch agree on the first block');
  await app.page.evaluate(WATCH);

  const begun = performance.now();
  await new Promise<void>((resolve) => {
    // Every block that is due, in one announcement; the next when the last was asked for, as a peer that minds its neighbour.
    const timer = setInterval(() => {
      const due = Math.min(BLOCKS, Math.floor(((performance.now() - begun) / SPAN) * BLOCKS));
      const last = found.at(-1);
      const fresh = blocks.slice(found.length, due);
      if (fresh.length > 0 && (last === undefined || asked.has(last.hash))) {
        found.push(...fresh);
        peer.send({ type: 'headers', headers: fresh.map(({ header }) => header) });
        peer.send({ type: 'tip', tip: tipOf(found) });
      }
      if (found.length < BLOCKS && peer.end === undefined) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  expect(peer.end, 'why the node hung up').toBeUndefined();
  await expect(app.headline).toContainText('You and Birch agree on block 1,000', { timeout: 20_000 });

  await expect(app.page.locator('#block-title')).toHaveText('Block 1,000');
  const { statuses, toasts, titles } = await app.page.evaluate<Noted>('window.__noted');
  const took = performance.now() - begun;
  peer.close();
  // The panel follows the tip, but no faster than somebody can see.
  expect(titles).toBeGreaterThan(5);
  expect(titles).toBeLessThanOrEqual(took / FOLLOW_MS + 2);
  expect(toasts).toBeLessThanOrEqual(3);
  // The window did speak meanwhile, or there would be nothing to hold back.
  expect(statuses.length).toBeGreaterThan(2);
  const gaps = statuses.slice(1).map((at, index) => Math.ceil(at - (statuses[index] ?? 0)));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(QUIET);
  // An error in its console fails every test of this kind.
  expect((await app.snapshot()).chain.tip.height).toBe(BLOCKS);
});
