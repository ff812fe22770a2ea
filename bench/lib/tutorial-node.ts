/** The baseline "tutorial", its node: a WebSocket server, sockets to the others, and the whole chain as one message. See tutorial-chain.ts. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { TutorialChain, type TutorialBlock } from './tutorial-chain.ts';

export class TutorialNode {
  readonly chain = new TutorialChain();
  /** Told when a longer chain took the place of ours. */
  onReplaced: (height: number) => void = () => undefined;
  readonly #sockets = new Set<WebSocket>();
  readonly #raw = new Set<Socket>();
  #server: WebSocketServer | undefined;

  get height(): number {
    return this.chain.blocks.length - 1;
  }

  /** Of all connections, as the operating system sees them: they count their bytes. */
  get sockets(): Socket[] {
    return [...this.#raw];
  }

  /** Resolves with the port. */
  async listen(): Promise<number> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    this.#server = server;
    server.on('connection', (socket, request) => {
      this.#raw.add(request.socket);
      this.#connected(socket);
    });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async dial(address: string): Promise<void> {
    const socket = new WebSocket(`ws://${address}/`, { perMessageDeflate: false });
    socket.once('upgrade', (response) => this.#raw.add(response.socket));
    // Before it is open: the other side's first message may come with the opening.
    socket.on('message', this.#onMessage);
    await once(socket, 'open');
    this.#sockets.add(socket);
    this.#send(socket);
  }

  /** What a node does when it has mined a block. */
  addBlock(): void {
    this.chain.add();
    for (const socket of this.#sockets) this.#send(socket);
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.terminate();
  }

  #connected(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('message', this.#onMessage);
    this.#send(socket);
  }

  readonly #onMessage = (data: Buffer): void => {
    const { chain } = JSON.parse(data.toString()) as { chain: TutorialBlock[] };
    if (this.chain.replace(chain)) this.onReplaced(this.height);
  };

  #send(socket: WebSocket): void {
    socket.send(JSON.stringify({ type: 'CHAIN', chain: this.chain.blocks }));
  }
}
