/** The parts of the bench that need one running app. Each measures, and says nothing of goals. */
import type { Page } from 'playwright';
import { wallClock, type Memory, type NodeApp, type ProcessorTime } from './app.ts';
import { lookingAround, press, turnWheel, type } from './input.ts';
import type { Seen, Shown } from './seen.ts';
import { frameTasks, type FrameTask } from './trace.ts';

/** Ms between two looks at something that is waited for. */
const LOOK_MS = 10;
const PATIENCE_MS = 20_000;
/** Ms between two key presses until the first is answered. */
const PRESS_MS = 50;

export async function until<T>(what: string, look: () => Promise<T | null | undefined | false>, patience = PATIENCE_MS): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`${what} did not come in ${String(patience)} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export interface Start {
  /** From the start of the program to the open node. */
  openMs: number;
  /** From the open node to the first picture of the chain with its tip; negative when the picture came first. */
  shownMs: number;
  /** From the open node to the end of the frame that answered the first key press. */
  usableMs: number;
}

/** The first seconds of an app that was just started. */
export async function measureStart(app: NodeApp): Promise<Start> {
  const shownAt = await until('the first picture of the chain', () => app.probe<number | null>('chainShownAt()'));
  const usableAt = await firstAnswer(app);
  return { openMs: app.openMs, shownMs: shownAt - app.openAt, usableMs: usableAt - app.openAt };
}

/** Presses the key that leads to the address field until the page answers: one that comes before the window is shown is lost. */
async function firstAnswer(app: NodeApp): Promise<number> {
  let at = 0;
  const answered = app.probe<number>("answered('p', 'peer-address')").then((found) => (at = found));
  await until('an answer to a key', async () => {
    await press(app.cdp, 'p', 'KeyP', 'p');
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, PRESS_MS))]);
    return at > 0;
  });
  await app.page.keyboard.press('Escape');
  return at;
}

export interface Jump extends Shown {
  height: number;
}

/** Goes to a height as a person does: G, the digits, Enter. The clock runs from the last key press. */
export async function jumpTo(app: NodeApp, height: number): Promise<Jump> {
  const { hash } = await app.blockAt(height);
  // G is a letter in a text field.
  await app.page.getByRole('listbox', { name: /^Blocks/ }).focus();
  await press(app.cdp, 'g', 'KeyG', 'g');
  const field = app.page.getByRole('combobox', { name: 'Go to a height' });
  await field.fill(String(height));
  await app.page.getByRole('option', { name: `Block ${height.toLocaleString('en')}` }).first().waitFor();
  await app.probe(`expect(${JSON.stringify(hash)})`);
  await press(app.cdp, 'Enter', 'Enter', '\r');
  const result = await withPatience(`block ${String(height)}`, app.probe<Shown>('shown()'));
  await field.waitFor({ state: 'hidden' });
  return { height, ...result };
}

async function withPatience<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come in ${String(PATIENCE_MS)} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The middle of an element. */
export async function middleOf(page: Page, role: 'listbox' | 'list', name: RegExp): Promise<{ x: number; y: number }> {
  const box = await page.getByRole(role, { name }).boundingBox();
  if (box === null) throw new Error('the list of blocks is not on the page');
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

export interface Looked {
  seen: Seen;
  /** Each task of the main thread that made a frame, from a second run of the same turns that was recorded. */
  frameTasks: FrameTask[];
  /** The most bytes of JavaScript in the page on the way, garbage included. */
  heapPeak: number;
  memory: Memory;
  processorTime: ProcessorTime;
}

/** Scrolls and zooms over a list of blocks, then once more while Chromium records its tasks. */
export async function lookAround(
  app: Pick<NodeApp, 'page' | 'cdp' | 'probe' | 'trace' | 'heap' | 'memory' | 'timed'>,
  list: 'listbox' | 'list',
  seconds: number,
  random: () => number,
): Promise<Looked> {
  const at = await middleOf(app.page, list, /^Blocks/);
  const turns = lookingAround(seconds, random);
  await app.probe('start()');
  let heapPeak = 0;
  let looking = true;
  const watch = (async () => {
    while (looking) {
      heapPeak = Math.max(heapPeak, await app.heap());
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  })();
  const processorTime = await app.timed(() => turnWheel(app.cdp, at, turns));
  const seen = await app.probe<Seen>('stop()');
  looking = false;
  await watch;
  const recorded = await app.trace(() => turnWheel(app.cdp, at, turns.slice(0, turns.length / 2)));
  return { seen, frameTasks: frameTasks(recorded), heapPeak, memory: await app.memory(), processorTime };
}

/** Ms between two letters: a fast typist. */
const TYPING_MS = 60;

/** Seconds of typing before keys are counted: whoever types has begun before. */
const WARM_UP_SECONDS = 1;

/** Types into the field of the Mine panel for so long. @param begin called with the first key that counts */
export async function typeFor(app: NodeApp, seconds: number, begin?: () => void): Promise<Seen> {
  await app.page.getByRole('textbox', { name: 'Data' }).focus();
  await type(app.cdp, WARM_UP_SECONDS, TYPING_MS);
  await app.probe('start(false)');
  begin?.();
  await type(app.cdp, seconds, TYPING_MS);
  return app.probe<Seen>('stop()');
}

export interface Arrival {
  /** Blocks that the app took, and the seconds from the first letter that counts to the last block in its node. */
  blocks: number;
  seconds: number;
  /** How much later the last one was seen in the window, in ms. */
  lagMs: number;
  seen: Seen;
  memory: Memory;
}

/** Types while another node sends blocks. @param send begins that; resolves when all are sent */
export async function typeWhileBlocksArrive(app: NodeApp, seconds: number, blocks: number, send: () => Promise<void>): Promise<Arrival> {
  const before = await app.tipHeight();
  let startedAt = Number.NaN;
  let sending: Promise<void> | undefined;
  const seen = await typeFor(app, seconds, () => {
    startedAt = wallClock();
    sending = send();
  });
  await sending;
  const height = await until('the last block of the other node', async () => {
    const tip = await app.tipHeight();
    return tip >= before + blocks ? tip : undefined;
  });
  const { hash } = await app.blockAt(height);
  const inNodeAt = wallClock();
  await until('the last block in the window', () => app.probe<boolean>(`offers(${JSON.stringify(hash)})`));
  return { blocks: height - before, seconds: (inNodeAt - startedAt) / 1000, lagMs: wallClock() - inNodeAt, seen, memory: await app.memory() };
}
