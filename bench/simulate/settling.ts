import { promiseHooks } from 'node:v8';

/**
 * Takes steps until one says false. After a step that began something asynchronous, everything settles before the next: until a turn of the event loop
 * makes no further promise. Most steps make none, and a turn for each would be most of what a simulation costs. Rejects with what a step throws.
 */
export function settling(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let made = true;
    let more = true;
    const stop = promiseHooks.onInit(() => {
      made = true;
    }) as () => void;
    const go = (): void => {
      try {
        // No promise may be made here but by a step.
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
