/** Hands on the keyboard and the wheel: events as the browser's own process makes them, on their way to the page like a person's. */
import type { CDPSession } from 'playwright';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Calls `turn` every `every` ms for `seconds`, by the clock: a turn that came late does not move those after it. */
async function atPace(seconds: number, every: number, turn: (index: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let index = 0; index * every < seconds * 1000; index += 1) {
    await sleep(startedAt + index * every - performance.now());
    turn(index);
  }
  await sleep(startedAt + seconds * 1000 - performance.now());
}

export type Wheel = { deltaX: number; zoom: number };

/** Wheel events a second, as many as frames. */
const WHEEL_HZ = 60;
const CTRL = 2;
/** Pixels of one notch. */
const NOTCH = 100;

/**
 * What a person does who looks around in a long chain: pushes of half a second, slow and fast, this way and that, with a zoom step between them.
 * The same numbers give the same turns.
 */
export function lookingAround(seconds: number, random: () => number): Wheel[] {
  const turns: Wheel[] = [];
  const push = WHEEL_HZ / 2;
  let outwards = true;
  let step = 0;
  for (let done = 0; done < seconds * WHEEL_HZ; done += push) {
    // Mostly as one reads, sometimes as one searches.
    const pixels = (random() < 0.7 ? 20 + random() * 100 : 400 + random() * 2_000) * (random() < 0.5 ? 1 : -1);
    for (let index = 0; index < push - 1; index += 1) turns.push({ deltaX: Math.round(pixels), zoom: 0 });
    // All steps of the zoom, out and in again.
    turns.push({ deltaX: 0, zoom: outwards ? 1 : -1 });
    step += outwards ? 1 : -1;
    if (step === 3 || step === 0) outwards = step === 0;
  }
  return turns;
}

/** Turns the wheel over a point of the page. */
export async function turnWheel(cdp: CDPSession, at: { x: number; y: number }, turns: readonly Wheel[]): Promise<void> {
  const sent: Promise<unknown>[] = [];
  await atPace(turns.length / WHEEL_HZ, 1000 / WHEEL_HZ, (index) => {
    const turn = turns[index];
    if (turn === undefined) return;
    const { deltaX, zoom } = turn;
    sent.push(cdp.send('Input.dispatchMouseEvent', { type: 'mouseWheel', ...at, deltaX, deltaY: zoom * NOTCH, modifiers: zoom === 0 ? 0 : CTRL }));
  });
  await Promise.all(sent);
}

/** Types letters into what has the focus, one every `every` ms, deleting now and then so that the text stays short. */
export async function type(cdp: CDPSession, seconds: number, every: number): Promise<void> {
  const sent: Promise<unknown>[] = [];
  await atPace(seconds, every, (index) => {
    const key = index % 12 === 11 ? { key: 'Backspace', code: 'Backspace', windowsVirtualKeyCode: 8 } : { key: 'a', code: 'KeyA', text: 'a', windowsVirtualKeyCode: 65 };
    sent.push(cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key }), cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: key.key, code: key.code }));
  });
  await Promise.all(sent);
}

/** Presses one key. */
export async function press(cdp: CDPSession, key: string, code: string, text?: string): Promise<void> {
  const virtual = key === 'Enter' ? 13 : key === 'Escape' ? 27 : key.toUpperCase().charCodeAt(0);
  await cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, windowsVirtualKeyCode: virtual, ...(text === undefined ? {} : { text }) });
  await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, windowsVirtualKeyCode: virtual });
}
