/** Runs tasks one at a time, in the order in which they were handed in. Not reentrant: a task that awaits `run` of its own mutex waits for itself. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;

  /** Tasks that run or wait. */
  get pending(): number {
    return this.#pending;
  }

  /** Resolves or rejects as the task does; a task that fails does not stop those behind it. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    this.#pending++;
    const result = this.#tail.then(task).finally(() => {
      this.#pending--;
    });
    this.#tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
