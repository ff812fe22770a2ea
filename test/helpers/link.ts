import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP wire between two nodes that a test can freeze, cut and mend. Dial `address` to reach the target through it. */
export class Link {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #frozen = false;
  #cut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Link> {
    const server = createServer();
    const link = new Link(server);
    server.on('connection', (near: Socket) => {
      if (link.#cut) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        link.#ends.add(from);
        from.on('data', (data) => to.write(data));
        from.on('close', () => {
          link.#ends.delete(from);
          to.destroy();
        });
        from.on('error', () => undefined);
        if (link.#frozen) from.pause();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get address(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Nothing passes and nothing breaks, as with a pulled cable. */
  freeze(): void {
    this.#frozen = true;
    for (const end of this.#ends) end.pause();
  }

  /** Connections break and new ones are refused. */
  cut(): void {
    this.#cut = true;
    for (const end of this.#ends) end.resetAndDestroy();
  }

  mend(): void {
    this.#frozen = false;
    this.#cut = false;
    for (const end of this.#ends) end.resume();
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
