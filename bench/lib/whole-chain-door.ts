/** The baseline of GET /blocks: all blocks in one array, the array as one JSON text, the text as one answer. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListedBlock } from '../../src/shared/blocks.ts';
import type { NodeApi } from '../../src/shared/node-api.ts';

export class WholeChainDoor {
  readonly #server;

  constructor(api: Pick<NodeApi, 'streamBlocks'>) {
    this.#server = createServer((_request, response) => {
      void (async () => {
        const blocks: ListedBlock[] = [];
        for await (const block of api.streamBlocks({})) blocks.push(block);
        response.end(JSON.stringify(blocks));
      })();
    });
  }

  async open(): Promise<{ port: number }> {
    this.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(this.#server, 'listening');
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
