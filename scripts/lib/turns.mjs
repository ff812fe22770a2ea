// The output of steps that run beside one another, shown one after the other.

/**
 * @typedef {object} Place where one step writes
 * @property {(text: string | Uint8Array) => void} write
 * @property {() => void} end nothing more is written here
 */

/**
 * A queue of places: what is written to the first that has not ended goes straight on to `show`; what is written to the others is
 * kept until those before them have ended. So nothing is mixed, and whoever watches sees something at once.
 * @param {(text: string | Uint8Array) => void} show
 * @returns {{ place: () => Place }} each call of `place` is one place more at the end of the queue
 */
export function inTurns(show) {
  /** @type {{ kept: (string | Uint8Array)[], ended: boolean }[]} */
  const waiting = [];
  /** Shows what the first place kept, and goes on to the next ones while they have ended. */
  const goOn = () => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      for (const text of first.kept.splice(0)) show(text);
      if (!first.ended) return;
      waiting.shift();
    }
  };
  return {
    place() {
      const own = { kept: /** @type {(string | Uint8Array)[]} */ ([]), ended: false };
      waiting.push(own);
      return {
        write(text) {
          if (own.ended) throw new Error('a place that has ended was written to');
          own.kept.push(text);
          if (waiting[0] === own) goOn();
        },
        end() {
          own.ended = true;
          goOn();
        },
      };
    },
  };
}
