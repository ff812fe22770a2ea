/** Whoever may have received a part of a message. */
export interface Receiver {
  /** It holds the largest part, and all parts together are too much. */
  tooLarge(): void;
}

/**
 * The memory that unfinished messages of all connections take together. Each may be as large as one message is allowed to be, which is too much when many
 * connections send one half; the largest goes.
 */
export class HalfMessages {
  readonly #limit: number;
  readonly #held = new Map<Receiver, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /** Bytes of the unfinished message of one receiver; 0 when it has none, or is gone. */
  set(receiver: Receiver, bytes: number): void {
    this.#total += bytes - (this.#held.get(receiver) ?? 0);
    if (bytes > 0) this.#held.set(receiver, bytes);
    else this.#held.delete(receiver);
    while (this.#total > this.#limit) {
      let largest: Receiver | undefined;
      let most = 0;
      for (const [other, held] of this.#held) {
        if (held <= most) continue;
        largest = other;
        most = held;
      }
      if (largest === undefined) return;
      this.#held.delete(largest);
      this.#total -= most;
      largest.tooLarge();
    }
  }
}
