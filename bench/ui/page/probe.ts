/**
 * Looks on inside the page under test: what was drawn, what took long, how long an answer to a key took. It uses only what every page can see of
 * itself, and is put there by the bench: the product has no door for it. The same script looks at the plain list.
 */

import type { Seen, Shown } from '../seen.ts';

/** Runs when the frame that follows has been made: after its layout and paint. */
function afterFrame(then: (now: number) => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      then(performance.now());
    };
    channel.port2.postMessage(null);
  });
}

class Probe {
  #stop: (() => Seen) | undefined;
  #expected: Promise<Shown> | undefined;

  /**
   * @param countFrames asks for a frame as soon as one is done. That keeps the page making frames in which nothing changed, so it is left out where a busy machine is
   * measured: a person's window does not ask either.
   */
  start(countFrames = true): void {
    this.#stop?.();
    const seen: Seen = { seconds: 0, draws: [], longTasks: [], frames: 0, latencies: [], slowEvents: [] };
    const startedAt = performance.now();
    const observers: PerformanceObserver[] = [];
    const handle = (entries: PerformanceEntryList): void => {
      for (const entry of entries) {
        // Entries that were made before the start may be handed over after it.
        if (entry.startTime < startedAt) continue;
        if (entry.entryType === 'longtask') seen.longTasks.push(entry.duration);
        else if (entry.entryType === 'event') {
          if (entry.name === 'keydown') seen.slowEvents.push(entry.duration);
        } else if (entry.name === 'chain-draw') seen.draws.push(entry.duration);
      }
    };
    const observe = (options: PerformanceObserverInit & { durationThreshold?: number }): void => {
      const observer = new PerformanceObserver((list) => handle(list.getEntries()));
      observer.observe(options);
      observers.push(observer);
    };
    observe({ type: 'measure' });
    observe({ type: 'longtask' });
    observe({ type: 'event', durationThreshold: 16 });

    let running = true;
    const count = (): void => {
      if (!running) return;
      seen.frames += 1;
      requestAnimationFrame(count);
    };
    if (countFrames) requestAnimationFrame(count);
    const onInput = (event: Event): void => {
      const { timeStamp } = event;
      afterFrame((now) => {
        if (running) seen.latencies.push(now - timeStamp);
      });
    };
    window.addEventListener('keydown', onInput, { capture: true, passive: true });
    this.#stop = () => {
      running = false;
      window.removeEventListener('keydown', onInput, { capture: true });
      for (const observer of observers) {
        handle(observer.takeRecords());
        observer.disconnect();
      }
      seen.seconds = (performance.now() - startedAt) / 1000;
      this.#stop = undefined;
      return seen;
    };
  }

  stop(): Seen {
    if (this.#stop === undefined) throw new Error('the probe was not started');
    return this.#stop();
  }

  /** When the chain was drawn first, in ms since 1970; null before. */
  chainShownAt(): number | null {
    const mark = performance.getEntriesByName('chain-shown')[0];
    return mark === undefined ? null : performance.timeOrigin + mark.startTime;
  }

  /**
   * Resolves when a key press of that name was answered: that element has the focus, and the frame that shows it is done. In ms since 1970.
   */
  answered(key: string, id: string): Promise<number> {
    return new Promise((resolve) => {
      const onKey = (event: KeyboardEvent): void => {
        if (event.key !== key) return;
        afterFrame((now) => {
          if (document.activeElement?.id !== id) return;
          window.removeEventListener('keydown', onKey, { capture: true });
          resolve(performance.timeOrigin + now);
        });
      };
      window.addEventListener('keydown', onKey, { capture: true });
    });
  }

  /** From now on waits for an Enter, and from that until the block is in sight on the chain, is chosen, and stands in its panel. */
  expect(hash: string): void {
    this.#expected = new Promise((resolve) => {
      const inSight = (): boolean => {
        const option = document.querySelector<HTMLElement>(`[role="option"][data-hash="${hash}"][aria-selected="true"]`);
        const list = option?.closest('[role="listbox"]');
        if (option === null || list == null) return false;
        const [box, frame] = [option.getBoundingClientRect(), list.getBoundingClientRect()];
        return box.left >= frame.left && box.right <= frame.right;
      };
      const inPanel = (): boolean => document.querySelector('[data-region="block"]')?.textContent.includes(hash) === true;
      const onKey = (event: KeyboardEvent): void => {
        if (event.key !== 'Enter') return;
        window.removeEventListener('keydown', onKey, { capture: true });
        const result = { ms: 0, option: 0, panel: 0 };
        const look = (now: number): void => {
          const ms = now - event.timeStamp;
          if (result.option === 0 && inSight()) result.option = ms;
          if (result.panel === 0 && inPanel()) result.panel = ms;
          if (result.option > 0 && result.panel > 0) resolve({ ...result, ms });
          else afterFrame(look);
        };
        afterFrame(look);
      };
      window.addEventListener('keydown', onKey, { capture: true });
    });
  }

  /** Whether the chain has the block in sight, or near it. */
  offers(hash: string): boolean {
    return document.querySelector(`[role="option"][data-hash="${hash}"]`) !== null;
  }

  /** The end of the frame in which a block stands in the list, in ms since 1970. */
  offeredAt(hash: string): Promise<number> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.offers(hash)) return;
        observer.disconnect();
        afterFrame((now) => {
          resolve(performance.timeOrigin + now);
        });
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-hash'] });
      look();
    });
  }

  /** The block that was expected last. */
  shown(): Promise<Shown> {
    if (this.#expected === undefined) throw new Error('no block was expected');
    return this.#expected;
  }
}

declare global {
  var chainBench: Probe | undefined;
}

globalThis.chainBench ??= new Probe();
