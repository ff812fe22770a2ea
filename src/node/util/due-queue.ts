/** Something with a time, and a number that orders what is due at the same time. */
export interface Due {
  due: number;
  order: number;
}

/**
 * A binary heap: the earliest first. `due` and `order` must not change while an item is in it. They lie in arrays of numbers beside the items, so that finding
 * a place touches no item: in a queue of thousands these are spread over the memory.
 */
export class DueQueue<T extends Due> {
  readonly #items: T[] = [];
  readonly #due: number[] = [];
  readonly #order: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const { due, order } = item;
    let at = this.#items.length;
    this.#put(at, item, due, order);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#later(above, due, order)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(at, item, due, order);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    const due = this.#due.pop();
    const order = this.#order.pop();
    const size = this.#items.length;
    if (first === undefined || last === undefined || due === undefined || order === undefined || size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#later(child, this.#due[child + 1] as number, this.#order[child + 1] as number)) child++;
      if (this.#later(child, due, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, last, due, order);
    return first;
  }

  /** Whether the item at this place comes after one with these numbers. */
  #later(at: number, due: number, order: number): boolean {
    const own = this.#due[at] as number;
    return own > due || (own === due && (this.#order[at] as number) > order);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#items[from] as T, this.#due[from] as number, this.#order[from] as number);
  }

  #put(at: number, item: T, due: number, order: number): void {
    this.#items[at] = item;
    this.#due[at] = due;
    this.#order[at] = order;
  }
}
