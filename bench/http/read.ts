/** A reader of GET /blocks that keeps nothing, so that what is measured is the node. */
import { get } from 'node:http';

export interface Answer {
  ms: number;
  /** Until the first byte of the body. */
  firstMs: number;
  /** Of the body. */
  bytes: number;
  blocks: number;
}

/** Every block of the answer begins with it, and nothing else in the chains of the bench has it. */
const BLOCK = Buffer.from('{"height":');
const ENDS = /\]\s*$/;

/** Rejects unless the answer is a list from its first to its last character. */
export function read(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const request = get(url, (response) => {
      let firstMs = Number.NaN;
      let bytes = 0;
      let blocks = 0;
      // A block's beginning may be cut in two by the chunks.
      let tail = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        if (bytes === 0) firstMs = performance.now() - startedAt;
        bytes += chunk.length;
        const seen = Buffer.concat([tail, chunk]);
        for (let at = seen.indexOf(BLOCK); at >= 0; at = seen.indexOf(BLOCK, at + BLOCK.length)) blocks += 1;
        tail = Buffer.from(seen.subarray(-(BLOCK.length - 1)));
      });
      response.once('end', () => {
        if (response.statusCode === 200 && ENDS.test(tail.toString())) resolve({ ms: performance.now() - startedAt, firstMs, bytes, blocks });
        else reject(new Error(`the answer of ${url} is not a complete list (status ${String(response.statusCode)})`));
      });
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}
