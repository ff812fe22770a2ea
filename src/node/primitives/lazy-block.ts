import { decodeBlock, type Block } from './block.ts';

/**
 * A block that was checked from its bytes and is decoded when somebody looks inside: while a chain is fetched nobody does, for all but
 * the newest. Throws as `decodeBlock` does, which bytes that were checked never make it do.
 */
export class LazyBlock implements Block {
  readonly bytes: Uint8Array;
  #block: Block | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get header(): Block['header'] {
    return this.#decoded.header;
  }

  get transactions(): Block['transactions'] {
    return this.#decoded.transactions;
  }

  get #decoded(): Block {
    return (this.#block ??= decodeBlock(this.bytes));
  }
}
