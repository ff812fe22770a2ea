import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundle, type Bundle } from '../helpers/bundle.ts';
import { ask } from '../helpers/http.ts';

let built: Bundle;
const children: ChildProcess[] = [];
const folders: string[] = [];

beforeAll(async () => {
  built = await bundle({ cli: 'src/cli/index.ts', worker: 'src/node/mining/worker.ts' });
}, 60_000);
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});
afterAll(() => built.remove());

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'chainscope-cli-'));
  folders.push(made);
  return made;
}

interface Running {
  child: ChildProcess;
  output: () => { out: string; err: string };
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function start(env: Record<string, string>, args: string[] = []): Running {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HTTP_PORT|P2P_PORT|P2P_HOST|PEERS|DATA_DIR|NETWORK|NODE_NAME|MINE_WORKERS|MINE_CPU|MINE_KERNEL|NODE_OPTIONS)$/.test(name)));
  const child = spawn(process.execPath, [built.file('cli'), ...args], { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const exit = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
  return { child, exit, output: () => ({ out, err }) };
}

/** Starts a node on free ports and waits for the line that says it is ready. */
async function ready(env: Record<string, string>, args: string[] = []): Promise<Running & { http: number; p2p: number; line: string }> {
  const running = start({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', ...env }, args);
  for (;;) {
    const line = running.output().out.split('\n').find((text) => text.startsWith('Chainscope '));
    const match = /HTTP API http:\/\/127\.0\.0\.1:(\d+), peers ws:\/\/127\.0\.0\.1:(\d+)$/.exec(line ?? '');
    if (match !== null) return { ...running, http: Number(match[1]), p2p: Number(match[2]), line: line ?? '' };
    const ended = await Promise.race([running.exit, once(running.child.stdout as NodeJS.EventEmitter, 'data').then(() => undefined)]);
    if (ended !== undefined) throw new Error(`the node ended: ${running.output().err}`);
  }
}

const mine = (port: number, data: unknown) => ask(port, '/mine', { method: 'POST', body: { data } });
const chain = async (port: number): Promise<string> => (await ask(port, '/blocks')).text;

/** Waits until a node has exactly this chain. Each of its events is a reason to look again. */
async function untilSame(port: number, wanted: string): Promise<void> {
  const stream = await fetch(`http://127.0.0.1:${String(port)}/events?after=0`);
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  while ((await chain(port)) !== wanted) await reader.read();
  await reader.cancel();
}

describe('the command line', () => {
  it('prints one line when it is ready, answers, and closes cleanly on SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const node = await ready({ DATA_DIR: await folder() }, ['--node-name', 'Ada']);
      expect(node.line).toMatch(/^Chainscope Ada: /);
      expect((await mine(node.http, 'foo')).status).toBe(302);
      node.child.kill(signal);
      expect(await node.exit).toEqual({ code: 0, signal: null });
      expect(node.output().err).toBe('');
      expect(node.output().out).toBe(`${node.line}\n`);
    }
  });

  it('ELE-13 closes cleanly while it mines, and keeps what was mined', async () => {
    const DATA_DIR = await folder();
    const node = await ready({ DATA_DIR, NETWORK: 'main' });
    const events = await fetch(`http://127.0.0.1:${String(node.http)}/events?after=0`);
    const mining = mine(node.http, 'never').catch((error: unknown) => error);
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('"status":"mining"')) text += new TextDecoder().decode((await reader.read()).value);
    node.child.kill('SIGTERM');
    expect(await node.exit).toEqual({ code: 0, signal: null });
    await mining;
    expect(node.output().err).toBe('');
  });

  it('STO-01 keeps every block that it answered for, whenever it is killed', async () => {
    const DATA_DIR = await folder();
    let expected = '';
    for (let round = 0; round < 3; round += 1) {
      const node = await ready({ DATA_DIR });
      if (round > 0) expect((await chain(node.http)).startsWith(expected.replace(/\n\]\n*$/, ''))).toBe(true);
      await mine(node.http, `round ${String(round)}, first`);
      await mine(node.http, { round });
      expected = await chain(node.http);
      // One more is on its way when the power goes.
      const lost = mine(node.http, 'on its way').catch((error: unknown) => error);
      node.child.kill('SIGKILL');
      expect((await node.exit).signal).toBe('SIGKILL');
      await lost;
    }
  });

  it('CON-07 finds a killed peer again without help', async () => {
    const DATA_DIR = await folder();
    const first = await ready({ DATA_DIR });
    const second = await ready({ DATA_DIR: await folder(), PEERS: `ws://localhost:${String(first.p2p)}` });
    await mine(first.http, 'before');
    await untilSame(second.http, await chain(first.http));
    first.child.kill('SIGKILL');
    await first.exit;
    await mine(second.http, 'meanwhile');
    const again = await ready({ DATA_DIR, P2P_PORT: String(first.p2p) });
    await untilSame(again.http, await chain(second.http));
  });

  it('shows its options', async () => {
    const node = start({}, ['--help']);
    expect(await node.exit).toEqual({ code: 0, signal: null });
    for (const option of ['--http-port', '--p2p-port', '--peers', '--data-dir', '--network', '--p2p-host', '--node-name', '--mine-workers', '--mine-cpu', '--mine-kernel']) expect(node.output().out).toContain(option);
  });

  it.each([
    [{ HTTP_PORT: 'abc' }, [], 'HTTP_PORT'],
    [{ PEERS: 'foo' }, [], 'PEERS'],
    [{ NETWORK: 'x' }, [], 'NETWORK'],
    [{}, ['--http-port', '70000'], '--http-port'],
    [{}, ['--no-such-option'], '--no-such-option'],
  ])('ends with 2 and names the setting: %j %j', async (env, args, name) => {
    const node = start(env, args);
    expect(await node.exit).toEqual({ code: 2, signal: null });
    const { out, err } = node.output();
    expect(err).toContain(name);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  });

  it('ends with 2 when a port that was asked for is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const port = String((blocker.address() as { port: number }).port);
    const DATA_DIR = await folder();
    for (const [variable, args] of [
      ['HTTP_PORT', []],
      ['P2P_PORT', []],
      ['--http-port', [`--http-port=${port}`]],
    ] as const) {
      const env = variable.startsWith('--') ? {} : { [variable]: port };
      const node = start({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR, ...env }, [...args]);
      expect((await node.exit).code).toBe(2);
      expect(node.output().err).toContain(variable);
      expect(node.output().err).toContain(port);
    }
    blocker.close();
  });

  it('STO-08 ends with 1 when another node holds the data directory, which goes on', async () => {
    const DATA_DIR = await folder();
    const first = await ready({ DATA_DIR });
    const second = start({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR });
    expect((await second.exit).code).toBe(1);
    expect(second.output().err).toContain(DATA_DIR);
    expect((await mine(first.http, 'unharmed')).status).toBe(302);
  });
});
