import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** One direction of one connection: what it reads waits here for as long as the wire takes. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #latency: () => number;
  #queue: { data: Buffer; due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, latency: () => number) {
    this.#from = from;
    this.#to = to;
    this.#latency = latency;
    from.on('data', (data: Buffer) => {
      const wait = this.#latency();
      if (wait === 0 && this.#queue.length === 0) this.#to.write(data);
      else {
        // TCP delivers in order: whatever comes after a late packet is as late.
        this.#queue.push({ data, due: Math.max(performance.now() + wait, this.#queue.at(-1)?.due ?? 0) });
        this.#arm();
      }
    });
  }

  pause(): void {
    this.#from.pause();
  }

  resume(): void {
    this.#from.resume();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #arm(): void {
    const next = this.#queue[0];
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      while (this.#queue[0] !== undefined && this.#queue[0].due <= performance.now() + 1) this.#to.write(this.#queue.shift()?.data ?? '');
      this.#arm();
    }, next.due - performance.now());
  }
}

export interface Weather {
  /** Ms that each way takes. */
  delayMs: number;
  /** Share of the packets that get lost. TCP sends them again, so that a lost one is a late one. */
  loss?: number;
  /** How late: TCP's first retransmission timeout is a second (RFC 6298). */
  resendMs?: number;
  /** From 0 to below 1. */
  random?: () => number;
}

/** A TCP wire between two nodes that a test can freeze, cut, slow down, block in one direction, and mend. Dial `address` to reach the target through it. */
export class Link {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  /** From the dialler to the target, and back. */
  readonly #lanes = { there: new Set<Lane>(), back: new Set<Lane>() };
  readonly #blocked = { there: false, back: false };
  #cut = false;
  #weather: Weather | undefined;

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
      for (const [from, to, way] of [
        [near, far, 'there'],
        [far, near, 'back'],
      ] as const) {
        link.#ends.add(from);
        const lane = new Lane(from, to, () => link.#latency());
        link.#lanes[way].add(lane);
        from.on('close', () => {
          link.#ends.delete(from);
          link.#lanes[way].delete(lane);
          lane.end();
          to.destroy();
        });
        from.on('error', () => undefined);
        if (link.#blocked[way]) lane.pause();
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
    this.block('there');
    this.block('back');
  }

  /** Nothing passes from the dialler to the target (`there`), or `back`; the other way goes on. */
  block(way: 'there' | 'back'): void {
    this.#blocked[way] = true;
    for (const lane of this.#lanes[way]) lane.pause();
  }

  /** From now on packets take this long, and some get lost. */
  slow(weather: Weather): void {
    this.#weather = weather;
  }

  /** Connections break and new ones are refused. */
  cut(): void {
    this.#cut = true;
    for (const end of this.#ends) end.resetAndDestroy();
  }

  mend(): void {
    this.#cut = false;
    this.#weather = undefined;
    for (const way of ['there', 'back'] as const) {
      this.#blocked[way] = false;
      for (const lane of this.#lanes[way]) lane.resume();
    }
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #latency(): number {
    const weather = this.#weather;
    if (weather === undefined) return 0;
    const lost = (weather.random ?? Math.random)() < (weather.loss ?? 0);
    return weather.delayMs + (lost ? (weather.resendMs ?? 1_000) : 0);
  }
}
