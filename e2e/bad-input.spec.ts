import { connect } from 'node:net';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { ApiErrorShape } from '../src/shared/node-api.ts';
import type { App } from './harness/app.ts';
import { startBare } from './harness/bare.ts';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { makeTemporaryDir, removeDir } from './harness/environment.ts';
import { takePort } from './harness/ports.ts';
import { expect, test } from './harness/test.ts';

/** The app is as well as before: it answers at once, mines, and its window shows the block. */
async function expectWell(app: App): Promise<void> {
  const door = await app.http();
  const began = Date.now();
  expect((await door.request('GET', '/blocks?limit=1')).status).toBe(200);
  expect(Date.now() - began, 'ms to answer').toBeLessThan(1000);
  const blocks = await door.mine('still well');
  await expect(app.tile(blocks.at(-1)?.hash ?? '')).toBeVisible();
}

/** Connects, sends the frames, and waits until the node closes the connection. Returns the close code. */
async function sendFrames(port: number, frames: readonly (string | Uint8Array)[]): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`);
  socket.on('error', () => undefined);
  const closed = once(socket, 'close') as Promise<[number]>;
  await once(socket, 'open');
  for (const frame of frames) socket.send(frame);
  return (await closed)[0];
}

test('frames: garbage from a peer drops that connection and nothing else', async ({ apps }) => {
  const app = await apps.launch();
  const friend = await apps.launch();
  await app.addPeer(await friend.address());
  await expectConnected(app, 1);
  const port = await app.p2pPort();

  await sendFrames(port, ['{"type":"QUERY_ALL"}']);
  await sendFrames(port, [new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9])]);
  await sendFrames(port, [new Uint8Array(0)]);
  await sendFrames(port, [new Uint8Array(200_000)]);
  expect(await sendFrames(port, [new Uint8Array(5 * 1024 * 1024)])).toBe(1009);

  // No WebSocket at all.
  const raw = connect(port, '127.0.0.1');
  raw.on('error', () => undefined);
  const ended = once(raw, 'close');
  raw.write('\u0016\u0003\u0001 this is not HTTP\r\n\r\n');
  raw.resume();
  await ended;

  await expectConnected(app, 1);
  await expect(app.peers).toHaveCount(1);
  await expectWell(app);
  await expectSameChain([app, friend], 1);
});

test('HTTP: wrong requests get a JSON error and mine nothing', async ({ apps }) => {
  const app = await apps.launch();
  const door = await app.http();
  const attempts: [string, string, unknown, Record<string, string>, number[]][] = [
    ['POST', '/mine', '{"data":', {}, [400]],
    ['POST', '/mine', '[]', {}, [400]],
    ['POST', '/mine', '{}', {}, [400]],
    ['POST', '/mine', `{"data":"${'x'.repeat(110_000)}"}`, {}, [413]],
    ['POST', '/mine', `{"data":${'['.repeat(5000)}${']'.repeat(5000)}}`, {}, [400, 422]],
    ['POST', '/mine', '{"data":1}', { 'Content-Type': 'text/plain' }, [415]],
    ['POST', '/mine', '{"data":1}', { Origin: 'https://example.org' }, [403]],
    ['POST', '/peers', '{"address":"nonsense"}', {}, [400, 422]],
    ['POST', '/peers', '{"address":7}', {}, [400]],
    ['DELETE', '/peers?address=localhost:1', undefined, {}, [404]],
    ['GET', '/blocks/zzz', undefined, {}, [400, 404]],
    ['GET', '/blocks/99999999', undefined, {}, [404]],
    ['GET', '/blocks?from=-1', undefined, {}, [400]],
    ['GET', '/blocks?limit=abc', undefined, {}, [400]],
    ['GET', '/nothing', undefined, {}, [404]],
    ['PUT', '/blocks', '{}', {}, [405]],
  ];
  for (const [method, path, body, headers, statuses] of attempts) {
    const answer = await door.request(method, path, body, headers);
    expect(statuses, `${method} ${path} ${String(body).slice(0, 40)} gave ${answer.text.slice(0, 200)}`).toContain(answer.status);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.body, answer.text).toMatchObject({ error: { message: expect.stringMatching(/^[A-Z]/) as unknown } });
    expect(answer.text).not.toMatch(/\bat .*\.(js|ts):\d+/);
  }
  // A name of this computer that a web page could have pointed here (DNS rebinding).
  const foreignHost = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(door.base).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.write('GET /blocks HTTP/1.1\r\nHost: evil.example:3001\r\nConnection: close\r\n\r\n');
  });
  expect(foreignHost).toMatch(/^HTTP\/1\.1 4\d\d/);
  expect((await door.blocks()).length).toBe(1);
  await expectWell(app);
});

test('ELE-05 IPC: every wrong argument is refused with a typed error', async ({ apps }) => {
  const app = await apps.launch();
  const results = await app.page.evaluate<[string, { ok: boolean; error?: ApiErrorShape }][]>(`(async () => {
    const bridge = window.chainscope;
    const loop = {}; loop.self = loop;
    const wrong = [
      ['mine'], ['mine', null], ['mine', 1], ['mine', { dataText: 1 }], ['mine', { dataText: 'x', more: 1 }], ['mine', loop],
      ['mine', { dataText: '"' + 'x'.repeat(400000) + '"' }], ['mine', { dataText: '1' }, { dataText: '1' }],
      ['mine', JSON.parse('{"__proto__": {"dataText": "1"}}')], ['mine', { dataText: '{' }], ['mine', { dataText: '' }],
      ['mine', { dataText: '['.repeat(2000) + ']'.repeat(2000) }],
      ['addPeer', { address: 'x'.repeat(301) }], ['addPeer', { address: 'nonsense' }], ['addPeer', { address: 'localhost:1', keepUnreachable: 'yes' }],
      ['getBlock', 'zz'], ['getBlock', -1], ['getBlock', 1.5], ['getBlock', NaN], ['getBlocks', { limit: 1e9 }], ['getBlocks', { from: '0' }],
      ['removePeer', {}], ['cutPeer', {}], ['cutPeer', { key: 'nobody' }], ['mendPeer', { key: 5 }], ['setPreferences', { theme: 'pink' }], ['setPreferences', { nonsense: 1 }], ['setPreferences', new Date()],
      ['copyText', { text: 5 }], ['submitTransaction', { dataText: 'not json' }], ['snapshot', 1], ['stopMining', {}], ['spawnPeer', 1],
    ];
    const results = [];
    for (const [name, ...args] of wrong) {
      let answer;
      try { answer = await bridge[name](...args); } catch (error) { answer = { thrown: String(error) }; }
      results.push([name + ' ' + args.map((arg) => String(typeof arg === 'object' ? Object.keys(arg ?? {}) : arg)).join(',').slice(0, 60), answer]);
    }
    return results;
  })()`);
  expect(results.length).toBeGreaterThan(25);
  for (const [what, answer] of results) {
    expect(answer.ok, `${what}: ${JSON.stringify(answer)}`).toBe(false);
    expect(answer.error?.code, what).toMatch(/^(invalid-argument|not-an-address|data-not-json|data-too-large)$/);
    expect(answer.error?.message, what).not.toBe('');
  }
  const state = await app.snapshot();
  expect(state.chain.tip.height).toBe(0);
  expect(state.mining.jobId).toBe(0);
  await expectWell(app);
});

test('ELE-06 form: hostile text is shown as text, and too much of it is refused by the field', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: '<b>Ana</b>' } });
  const other = await apps.launch();
  await app.addPeer(await other.address());
  await expectConnected(app, 1);

  const hostile = '<img src=x onerror="document.title=\'taken\'"> \u202egnp.exe \u0000 ' + 'long '.repeat(500);
  await app.data.fill(hostile);
  await app.mineButton.click();
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(1);
  for (const one of [app, other]) {
    await expect.poll(async () => (await one.snapshot()).chain.tip.height).toBe(1);
    await one.tableButton.click();
    await expect(one.table).toContainText('<img src=x onerror=');
    expect(await one.page.evaluate('document.title')).not.toContain('taken');
    expect(await one.page.evaluate('document.querySelectorAll("img").length')).toBe(0);
    expect(await one.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }
  await expect(other.peers).toContainText('<b>Ana</b>');

  await app.data.fill('x'.repeat(310_000));
  await app.mineButton.click();
  await expect(app.data).toHaveAccessibleDescription(/.+/);
  await expect(app.data).toHaveAttribute('aria-invalid', 'true');
  expect((await app.snapshot()).chain.tip.height).toBe(1);
  await app.data.fill('well again');
  await app.tableButton.click();
  await app.mineButton.click();
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(2);
});

test('environment and command line: a wrong value ends the start, named, with code 2', async () => {
  const root = await makeTemporaryDir();
  const taken = await takePort();
  try {
    const wrong: [Record<string, string>, string[], string][] = [
      [{ HTTP_PORT: 'abc' }, [], 'HTTP_PORT'],
      [{ HTTP_PORT: '65536' }, [], 'HTTP_PORT'],
      [{ P2P_PORT: '-1' }, [], 'P2P_PORT'],
      [{ PEERS: 'foo' }, [], 'PEERS'],
      [{ PEERS: 'ws://localhost:5001,ws://localhost:99999' }, [], 'PEERS'],
      [{ NETWORK: 'test' }, [], 'NETWORK'],
      [{ P2P_HOST: 'example.org' }, [], 'P2P_HOST'],
      [{ NODE_NAME: 'x'.repeat(33) }, [], 'NODE_NAME'],
      [{}, ['--http-port', 'abc'], '--http-port'],
      [{}, ['--htp-port', '1'], '--htp-port'],
      [{ HTTP_PORT: String(taken.port) }, [], 'HTTP_PORT'],
      [{ P2P_PORT: String(taken.port) }, [], 'P2P_PORT'],
    ];
    for (const [index, [env, args, variable]] of wrong.entries()) {
      const result = await startBare({ dataDir: join(root, String(index)), env, args });
      expect(result.code, `${variable}: ${result.stderr}`).toBe(2);
      expect(result.stderr).toContain(variable);
      expect(result.stdout).toBe('');
    }
    const file = join(root, 'file');
    await writeFile(file, 'a file, not a folder');
    const unusable = await startBare({ dataDir: join(file, 'data') });
    expect(unusable.code).toBe(1);
    expect(unusable.stderr).toContain(file);
    expect(unusable.stderr).toContain('DATA_DIR');

    const help = await startBare({ dataDir: join(root, 'help'), args: ['--help'] });
    expect(help.code).toBe(0);
    for (const option of ['--http-port', '--p2p-port', '--peers', '--data-dir', '--network', '--p2p-host', '--node-name']) expect(help.stdout).toContain(option);
  } finally {
    await taken.release();
    await removeDir(root);
  }
});

test('the command line wins over the environment, and a default port that is taken moves', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: 'Environment', NETWORK: 'main' }, args: ['--node-name', 'Line', '--network=regtest'] });
  const { node } = await app.snapshot();
  expect(node).toMatchObject({ name: 'Line', network: 'regtest' });

  const held = await Promise.all([3001, 5001].map((port) => takePort(port).catch(() => undefined)));
  try {
    const moved = await apps.launch({ env: { HTTP_PORT: '', P2P_PORT: '' } });
    const info = (await moved.snapshot()).node;
    expect(info.http).toMatchObject({ movedFrom: 3001 });
    expect(info.p2p).toMatchObject({ movedFrom: 5001 });
    expect(info.http?.port).toBeGreaterThan(3001);
    await expect(moved.page.getByText(String(info.p2p?.port)).first()).toBeVisible();
    await expectWell(moved);
  } finally {
    for (const port of held) await port?.release();
  }
});
