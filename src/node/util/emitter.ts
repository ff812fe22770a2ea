/** Told when a listener throws, or when the promise that it returned rejects. */
export type ListenerErrorHook = (error: unknown, event: PropertyKey) => void;

type Listener = (...args: never[]) => unknown;

function reportToConsole(error: unknown, event: PropertyKey): void {
  console.error(`A listener of "${String(event)}" failed:`, error);
}

/**
 * Typed events, called synchronously in the order of subscription. A listener that throws is reported to the hook and disturbs
 * neither the emitter nor the other listeners. Adding a listener during an emit takes effect with the next one; removing one
 * takes effect at once.
 */
export class Emitter<E extends Record<keyof E, unknown[]>> {
  readonly #listeners = new Map<keyof E, Set<Listener>>();
  readonly #onError: ListenerErrorHook;

  constructor(onError: ListenerErrorHook = reportToConsole) {
    this.#onError = onError;
  }

  /** Returns the function that ends the subscription. A function subscribed twice is called twice. */
  on<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): () => void {
    // A wrapper of its own for each subscription, so that one function may subscribe more than once.
    return this.#add(event, (...args: never[]) => listener(...(args as unknown as E[K])));
  }

  /** As `on`, for the next event only. */
  once<K extends keyof E>(event: K, listener: (...args: E[K]) => unknown): () => void {
    const off = this.#add(event, (...args: never[]) => {
      off();
      return listener(...(args as unknown as E[K]));
    });
    return off;
  }

  emit<K extends keyof E>(event: K, ...args: E[K]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        const result = listener(...(args as unknown as never[]));
        if (result instanceof Promise) result.catch((error: unknown) => this.#report(error, event));
      } catch (error) {
        this.#report(error, event);
      }
    }
  }

  listenerCount(event: keyof E): number {
    return this.#listeners.get(event)?.size ?? 0;
  }

  removeAll(): void {
    for (const listeners of this.#listeners.values()) listeners.clear();
    this.#listeners.clear();
  }

  #add(event: keyof E, listener: Listener): () => void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
    }
    const set = listeners;
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.#listeners.get(event) === set) this.#listeners.delete(event);
    };
  }

  #report(error: unknown, event: keyof E): void {
    try {
      this.#onError(error, event);
    } catch (hookError) {
      reportToConsole(hookError, event);
    }
  }
}
