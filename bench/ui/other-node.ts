/** Starts bench/ui/peer.ts and tells it what to do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testEnvironment } from '../../e2e/harness/environment.ts';

export class OtherNode {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string, undefined>) {
    this.#child = child;
    this.#lines = lines;
  }

  /** Resolves when the node is open and dials `peer`. @param bundle folder of the built bench */
  static async start(bundle: string, dataDir: string, peer: string): Promise<OtherNode> {
    const command = [process.execPath, join(bundle, 'peer.js'), '--peer', peer];
    // On Linux a process that lowers its own precedence does so for one thread: those that compile and collect garbage would stay as they are.
    const [program = '', ...args] = process.platform === 'win32' ? command : ['nice', '-n', '19', ...command];
    const child = spawn(program, args, {
      env: testEnvironment({ NETWORK: 'regtest', DATA_DIR: dataDir, HTTP_PORT: '0', P2P_PORT: '0', MINE_WORKERS: '1', NODE_NAME: 'Birch' }),
      stdio: ['pipe', 'pipe', 'inherit'],
      // A session of its own: see standBack in peer.ts. It ends with its standard input.
      detached: true,
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const other = new OtherNode(child, lines);
    await other.#next();
    return other;
  }

  /** Mines blocks that nobody sees yet. */
  async mine(blocks: number): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify({ mine: blocks })}\n`);
    await this.#next();
  }

  /** Lets so many of the mined blocks go, so many a second. Resolves with the seconds it took. */
  async send(blocks: number, perSecond: number): Promise<number> {
    this.#child.stdin?.write(`${JSON.stringify({ send: blocks, perSecond })}\n`);
    return Number((await this.#next())['seconds']);
  }

  async close(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exit;
  }

  async #next(): Promise<Record<string, unknown>> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the other node ended with code ${String(this.#child.exitCode)}`);
    return JSON.parse(line.value) as Record<string, unknown>;
  }
}
