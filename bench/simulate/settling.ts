import { promiseHooks } from 'node:v8';

/**
 * Takes steps until one says false. After a step that began something asynchronous, everything settles before the next: until a turn of the event loop
 * neither makes a promise nor settles one. Most steps do neither, and a turn for each would be most of what a simulation costs. A step that only settles what
 * an earlier one made (a dial that is answered) counts too: what waits for it would otherwise run at some later time. Rejects with what a step throws.
 */
export function settling(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let made = true;
    let more = true;
    const mark = (): void => {
      made = true;
    };
    const stop = promiseHooks.createHook({ init: mark, settled: mark }) as () => void;
    const go = (): void => {
      try {
        // No promise may be made or settled here but by a step.
        while (more && !made) more = step();
        if (made) {
          made = false;
          setImmediate(go);
          return;
        }
        stop();
        resolve();
      } catch (error) {
        stop();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    setImmediate(go);
  });
}
