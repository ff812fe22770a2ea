/** The decoders of text and of plain data: JSON, HTTP requests, IPC arguments, settings, addresses, and the small files of a data directory. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ipcNames, ipcTable } from '../../src/shared/ipc.ts';
import { ApiError, type NodeApi } from '../../src/shared/node-api.ts';
import { preferencesSchema } from '../../src/shared/preferences.ts';
import { answer } from '../../src/main/ipc-main.ts';
import { readStateFile } from '../../src/main/state-file.ts';
import { readJsonObject } from '../../src/node/api/http-body.ts';
import { HttpError } from '../../src/node/api/http-errors.ts';
import { buildApp } from '../../src/node/api/http-routes.ts';
import { objectMembers } from '../../src/node/api/json-source.ts';
import { RuleError } from '../../src/node/consensus/errors.ts';
import { isDeeperThan, isJsonText } from '../../src/node/consensus/json-text.ts';
import { checkDataText } from '../../src/node/consensus/rules.ts';
import { parseAddress } from '../../src/node/net/address.ts';
import { parseSettings, SETTINGS_TABLE, SettingsError } from '../../src/node/settings.ts';
import { readStoredPeers } from '../../src/node/stored-peers.ts';
import { reviveArgument, TAGS } from './ipc-arguments.ts';
import { must, type Target } from './engine.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const texts = (...all: string[]): (() => Uint8Array[]) => () => all.map(bytesOf);
const NOTHING = '{}';

const jsonText = fc.oneof(fc.json(), fc.json({ maxDepth: 6 }), fc.jsonValue().map((value) => JSON.stringify(value, null, 2)));

const data: Target = {
  name: 'data',
  maxBytes: 4_096,
  maxMs: 100,
  seeds: texts('"hello"', '{"a":[1,2.50,{"b":null}]}', '[]', '0', '-0.0e-1', 'true', '"\\ud83d\\ude00"', `${'['.repeat(32)}${']'.repeat(32)}`, `${'['.repeat(33)}${']'.repeat(33)}`, '{"__proto__":{"x":1}}'),
  arbitrary: jsonText.map(bytesOf),
  words: ['":', '",', '[', ']', '{', '}', '\\u', 'e+', '1.0'],
  run(input) {
    const text = textOf(input);
    isDeeperThan(text, 32);
    let rule = 'ok';
    try {
      checkDataText(text);
    } catch (error) {
      must(error instanceof RuleError, `checkDataText throws ${String(error)}`);
      rule = error.rule;
    }
    must(rule !== 'ok' || isJsonText(text), 'data passes that is no JSON');
    if (rule !== 'ok') return rule;
    const value: unknown = JSON.parse(text);
    must(({} as { x?: unknown }).x === undefined, 'the prototype of objects was changed');
    return `ok ${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value} ${String(/[\s]/.test(text))}`;
  },
};

const httpBodies: Target = {
  name: 'http-bodies',
  maxBytes: 4_096,
  maxMs: 100,
  seeds: texts('{"data":"hello"}', '{"data": {"x" : 1.0} }', '{"address":"localhost:5002","keepUnreachable":true}', '{"data":1,"data":2}', '{}', '[]', 'null', '', '{"data":"\\u0022,}"}', '{ "da\\u0074a" : 1e2 }'),
  arbitrary: fc.oneof(fc.dictionary(fc.constantFrom('data', 'address', 'peer', 'key', '__proto__', 'x'), fc.jsonValue()).map((value) => JSON.stringify(value)), jsonText.map((value) => `{"data":${value}}`)).map(bytesOf),
  words: ['"data"', '"address"', '":', '",', '{"', '\\u0022', '\\\\'],
  async run(input) {
    const request = new Request('http://127.0.0.1/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body: input.slice() });
    let members;
    try {
      members = await readJsonObject(request, ['data', 'address', 'peer', 'key', 'keepUnreachable']);
    } catch (error) {
      must(error instanceof HttpError && error.status >= 400 && error.status < 500, `readJsonObject throws ${String(error)}`);
      return `${String(error.status)} ${error.code} ${error.message.slice(0, 16)}`;
    }
    // The text of each member is the text of the value that JSON.parse gives it.
    const value = JSON.parse(textOf(input)) as Record<string, unknown>;
    must(JSON.stringify([...members.keys()].sort()) === JSON.stringify(Object.keys(value).sort()), 'the members have other names');
    for (const [name, member] of members) must(JSON.stringify(JSON.parse(member.text)) === JSON.stringify(value[name]), `the member ${name} has another value`);
    must(JSON.stringify([...objectMembers(textOf(input)).keys()]) === JSON.stringify([...members.keys()]), 'the members are read differently');
    return `ok ${[...members.keys()].join(' ')}`;
  },
};

/** A node behind the HTTP door that has nothing and takes nothing: what reaches it has passed the door. */
function emptyNode(): NodeApi {
  const closing = (): never => {
    throw new ApiError({ code: 'node-closing', message: 'The node is closing.' });
  };
  return {
    snapshot: closing,
    streamBlocks: async function* () {
      // No blocks.
    },
    getBlock: () => Promise.resolve(null),
    peers: () => [],
    transactions: () => [],
    removePeer: () => Promise.resolve(false),
    tamper: () => Promise.resolve(null),
    addPeer: (address: string) => Promise.resolve({ address: parseAddress(address).text }),
    submitTransaction: closing,
    mine: closing,
    stopMining: () => false,
  } as unknown as NodeApi;
}

const PATHS = ['/blocks/0/tamper', '/blocks/', '/blocks', '/peers/', '/peers', '/transactions', '/status', '/events', '/mine'];

const http: Target = {
  name: 'http-requests',
  maxBytes: 2_048,
  maxMs: 200,
  seeds: texts(
    'GET /blocks', 'GET /blocks?from=0&limit=5', 'HEAD /blocks', 'GET /blocks/0', `GET /blocks/${'ab'.repeat(32)}`, 'GET /peers', 'GET /transactions', 'GET /status',
    'POST /peers\ncontent-type: application/json\n\n{"address":"localhost:5002"}', 'DELETE /peers?address=localhost:5002', 'DELETE /peers/abc', 'DELETE /peers\ncontent-type: application/json\n\n{"key":"a"}',
    'POST /blocks/0/tamper\ncontent-type: application/json\n\n{"data":1}', 'POST /transactions\ncontent-type: application/json\n\n{"data":1}', 'POST /mine\ncontent-type: application/json\n\n{"data":"x"}', 'GET /mine', 'OPTIONS /mine', 'GET /nothing', 'POST /mine\ncontent-type: text/plain\n\nx',
  ),
  arbitrary: fc
    .tuple(fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'PUT', 'OPTIONS'), fc.oneof(fc.constantFrom(...PATHS), fc.tuple(fc.constantFrom(...PATHS), fc.webPath()).map(([known, rest]) => `${known}${rest}`), fc.webPath()), fc.option(fc.webQueryParameters()), fc.option(jsonText))
    .map(([method, path, query, body]) => bytesOf(`${method} ${path === '' ? '/' : path}${query === null ? '' : `?${query}`}${body === null ? '' : `\ncontent-type: application/json\n\n${body}`}`)),
  words: ['GET ', 'POST ', 'DELETE ', '/blocks', '/peers', '/mine', '/events', '/transactions', '?from=', '&limit=', '?address=', 'content-type: application/json', 'last-event-id: ', '\n\n', '%2F', '%zz'],
  async run(input) {
    const text = textOf(input);
    const cut = text.indexOf('\n\n');
    const [first = '', ...lines] = (cut < 0 ? text : text.slice(0, cut)).split('\n');
    const [method = '', path = ''] = first.split(' ');
    let request: Request;
    try {
      const headers = new Headers(lines.map((line) => [line.slice(0, Math.max(0, line.indexOf(':'))), line.slice(line.indexOf(':') + 1)] as [string, string]));
      request = new Request(new URL(path, 'http://127.0.0.1:3001'), { method, headers, ...(cut < 0 ? {} : { body: text.slice(cut + 2) }) });
    } catch {
      return 'no request';
    }
    // Node's server makes the URL from the Host header, which the guard knows, and a path.
    if (new URL(request.url).origin !== 'http://127.0.0.1:3001') return 'no request';
    const errors: unknown[] = [];
    const outgoing = Object.assign(new EventEmitter(), { destroyed: false, destroy: () => undefined });
    let readers = 0;
    const app = buildApp({ api: emptyNode(), readers: { add: () => readers++ } as never, idleTimeout: 1_000, onError: (error) => errors.push(error) });
    const response = await app.fetch(request, { incoming: { method: request.method, socket: { setTimeout: () => undefined } }, outgoing });
    const body = response.body === null ? '' : await response.text();
    must(errors.length === 0, `the request is a bug of the node's: ${String(errors[0])}`);
    must([200, 201, 302, 400, 403, 404, 405, 409, 413, 415, 429, 503].includes(response.status), `the answer is ${String(response.status)}`);
    must(body.length < 10_000, 'the answer is too long');
    if (response.status >= 400 && body !== '') {
      const { error } = JSON.parse(body) as { error: { code: string; message: string } };
      must(typeof error.code === 'string' && /^[A-Z][^\n]*\.$|^(Not an address|Port must be 1-65535)$/.test(error.message), `the error is no sentence: ${error.message}`);
      must(!/\\n *at /.test(body), 'the answer has a stack trace');
    }
    return `${response.ok ? 'ok ' : ''}${['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS'].includes(request.method) ? request.method : 'other'} ${String(response.status)} ${PATHS.find((known) => path.startsWith(known)) ?? ''} ${String(readers)} ${String(path.includes('?'))}`;
  },
};

const plain = fc.oneof(fc.jsonValue(), fc.record({ from: fc.integer(), limit: fc.double(), dataText: fc.string(), address: fc.string(), key: fc.string(), text: fc.string(), theme: fc.constantFrom('dark', 'light', 'blue'), shortcuts: fc.boolean() }, { requiredKeys: [] }), fc.constantFrom(...TAGS.map((tag) => ({ $: tag }))));

const FIELDS = ['block', 'from', 'to', 'limit', 'buckets', 'hash', 'text', 'dataText', 'address', 'keepUnreachable', 'key', 'theme', 'shortcuts', 'followTip'];

/** An argument that most rows take, or nearly. */
const likely = fc.record({ from: fc.nat(), to: fc.nat(), limit: fc.integer({ min: 0, max: 60 }), buckets: fc.nat(), hash: fc.stringMatching(/^[0-9a-f]{4,64}$/), block: fc.oneof(fc.nat(), fc.stringMatching(/^[0-9a-f]{64}$/)), text: fc.string(), dataText: fc.json(), address: fc.domain(), keepUnreachable: fc.boolean(), key: fc.string(), theme: fc.constantFrom('dark', 'light'), shortcuts: fc.boolean() }, { requiredKeys: [] });
const TAKES: Partial<Record<string, string[]>> = {
  getBlocks: ['from', 'limit'], overview: ['buckets'], chainIndex: ['from', 'limit'], forks: ['from', 'to'], findBlocks: ['hash', 'limit'], mine: ['dataText'], tamper: ['block', 'dataText'], addPeer: ['address', 'keepUnreachable'], removePeer: ['key'],
  submitTransaction: ['dataText'], setPreferences: ['theme', 'shortcuts'], copyText: ['text'],
};
const likelyCall = fc.tuple(fc.constantFrom(...ipcNames), likely).map(([name, all]) => [name, Object.fromEntries(Object.entries(all).filter(([field]) => TAKES[name]?.includes(field) === true))]);

const ipc: Target = {
  name: 'ipc-arguments',
  maxBytes: 2_048,
  maxMs: 100,
  seeds: () =>
    [
      ['snapshot', { $: 'undefined' }], ['getBlock', 'ab'.repeat(32)], ['getBlock', 7], ['getBlocks', { from: 1, limit: 10 }], ['overview', { buckets: 100 }], ['chainIndex', { from: 0, limit: 5 }], ['forks', { from: 0, to: 9 }],
      ['findBlocks', { hash: 'abcd' }], ['findBlocks', { text: 'a', limit: 3 }], ['mine', { dataText: '"x"' }], ['tamper', { block: 7, dataText: '1' }], ['addPeer', { address: 'localhost:5001', keepUnreachable: true }], ['removePeer', { key: 'a' }],
      ['submitTransaction', { dataText: '1' }], ['setPreferences', { theme: 'dark' }], ['copyText', { text: 'a' }], ['mine', { $: 'date' }], ['mine', { $: 'cyclic' }], ['getBlock', { $: 'nan' }], ['mine', { dataText: { $: 'long' } }],
    ].map((call) => bytesOf(JSON.stringify(call))),
  arbitrary: fc.oneof(fc.tuple(fc.constantFrom(...ipcNames), plain), likelyCall).map((call) => bytesOf(JSON.stringify(call))),
  words: [...ipcNames.map((name) => `"${name}"`), '"from":', '"limit":', '"dataText":', '{"$":"', ...TAGS, '"__proto__":'],
  async run(input) {
    let call: unknown;
    try {
      call = JSON.parse(textOf(input));
    } catch {
      return 'no JSON';
    }
    if (!Array.isArray(call)) return 'no call';
    const [name, ...args] = call as unknown[];
    const row = ipcNames.find((each) => each === name);
    if (row === undefined) return 'no row';
    const received: unknown[] = [];
    const reported: string[] = [];
    const result = await answer(row, (argument) => void received.push(argument), args.map(reviveArgument), (line) => reported.push(line));
    must(reported.length === 0, `a wrong argument is a bug of the main process: ${String(reported[0])}`);
    must(({} as { polluted?: unknown }).polluted === undefined && Object.keys(Object.prototype).length === 0, 'the prototype of objects was changed');
    if (!result.ok) {
      must(received.length === 0, 'a refused call reached its handler');
      must(result.error.code === 'invalid-argument' && /^[^\n]{1,400}\.$/.test(result.error.message), `the refusal is ${JSON.stringify(result.error)}`);
      return `${row} ${FIELDS.find((field) => field === result.error.field) ?? ''} ${/: (\w+ \w+)/.exec(result.error.message)?.[1] ?? ''}`;
    }
    must(received.length === 1, 'the handler was called once');
    const again = ipcTable[row].input.safeParse(received[0]);
    must(again.success && JSON.stringify(again.data) === JSON.stringify(received[0]), 'what reached the handler does not pass the check again');
    return `ok ${row} ${typeof received[0]} ${received[0] !== null && typeof received[0] === 'object' ? Object.keys(received[0]).join(' ') : ''}`;
  },
};

const settings: Target = {
  name: 'settings',
  maxBytes: 1_024,
  maxMs: 100,
  seeds: texts(
    '', 'HTTP_PORT=3001\nP2P_PORT=5001\nPEERS=ws://localhost:5002,localhost:5003\nDATA_DIR=/tmp/x\nNETWORK=regtest', '--http-port 0\n--p2p-port=0', '--peers=a:1\n--peers=b:2', 'NODE_NAME=Ana\nMINE_WORKERS=2\nMINE_CPU=50\nMINE_KERNEL=avx2', 'P2P_HOST=::1',
    'HTTP_PORT=70000', 'PEERS=foo', '--htpp-port=1', '--data-dir', 'NODE_NAME=\u202e', '--network=main', '--help', '--', '--no-sandbox',
  ),
  arbitrary: fc
    .array(fc.tuple(fc.constantFrom(...SETTINGS_TABLE.flatMap((row) => [`--${row.option}=`, `${row.variable}=`])), fc.oneof(fc.string(), fc.nat().map(String), fc.ipV4(), fc.domain(), fc.webUrl())), { maxLength: 6 })
    .map((lines) => bytesOf(lines.map(([name, value]) => `${name}${value}`).join('\n'))),
  words: SETTINGS_TABLE.flatMap((row) => [`--${row.option}`, `${row.variable}=`, `--${row.option}=`]),
  run(input) {
    const env: Record<string, string> = {};
    const argv: string[] = [];
    for (const line of textOf(input).split('\n')) {
      const match = /^([A-Z0-9_]+)=(.*)$/s.exec(line);
      if (match === null) argv.push(...line.split(' ').filter((word) => word !== ''));
      else env[match[1] ?? ''] = match[2] ?? '';
    }
    try {
      const outcomes = [true, false].map((strict) => {
        const parsed = parseSettings(env, argv, { strict, platform: 'linux', home: '/home/ana', cwd: '/home/ana' });
        for (const port of [parsed.httpPort.value, parsed.p2pPort.value]) must(Number.isInteger(port) && port >= 0 && port <= 65_535, 'a port is out of range');
        for (const peer of parsed.peers) must(parseAddress(peer).text === peer, 'a peer is no address');
        must(parsed.dataDir.startsWith('/') && !parsed.dataDir.includes('\0'), 'the data directory is no path');
        must(parsed.mineShare === undefined || (parsed.mineShare > 0 && parsed.mineShare <= 1), 'the share of the processor is out of range');
        return Object.keys(parsed).join(' ');
      });
      return `ok ${outcomes.join(' ')}`;
    } catch (error) {
      must(error instanceof SettingsError, `parseSettings throws ${String(error)}`);
      must(error.message.length < 800 && !error.message.includes('\n'), 'the message is no sentence');
      const known = SETTINGS_TABLE.some((row) => [row.variable, `--${row.option}`].includes(error.variable));
      return `${known ? error.variable : ''} ${error.expected.slice(0, 20)}`;
    }
  },
};

const addresses: Target = {
  name: 'addresses',
  maxBytes: 400,
  maxMs: 50,
  seeds: texts('localhost:5001', 'ws://localhost:5001/', '127.0.0.1:1', '[::1]:5001', 'WS://Example.ORG:65535', 'a:b:c', 'ws://user@host:1', '256.1.1.1:5', ' node-1.local:5001 '),
  arbitrary: fc.oneof(fc.tuple(fc.domain(), fc.nat({ max: 70_000 })).map(([host, port]) => `${host}:${String(port)}`), fc.ipV6().map((host) => `[${host}]:5001`), fc.webUrl(), fc.string()).map(bytesOf),
  words: ['ws://', 'wss://', '[', ']', ':', '/', '%', '@', '::', '.'],
  run(input) {
    let address;
    try {
      address = parseAddress(textOf(input));
    } catch (error) {
      must(error instanceof ApiError && (error.code === 'not-an-address' || error.code === 'bad-port'), `parseAddress throws ${String(error)}`);
      return error.code;
    }
    must(parseAddress(address.text).text === address.text, 'the address is read differently the second time');
    must(address.port >= 1 && address.port <= 65_535 && address.host.length <= 253, 'the address is out of range');
    must(new URL(`ws://${address.text}`).port === String(address.port === 80 ? '' : address.port), 'the address is no URL');
    return `ok ${address.host.includes(':') ? 'IPv6' : /^[\d.]+$/.test(address.host) ? 'IPv4' : 'name'}`;
  },
};

const peers: Target = {
  name: 'peers',
  maxBytes: 2_048,
  maxMs: 50,
  seeds: texts('[]', '[{"address":"localhost:5001","kept":true,"lastSeen":1790000000000}]', '[{"address":"[::1]:1","kept":false,"neighbour":true,"lastSeen":0}]', '[null,1,"x",{}]', NOTHING),
  arbitrary: fc
    .array(fc.record({ address: fc.oneof(fc.constantFrom('localhost:5001', 'A:1'), fc.string()), kept: fc.oneof(fc.boolean(), fc.string()), neighbour: fc.boolean(), lastSeen: fc.oneof(fc.integer(), fc.double()) }, { requiredKeys: [] }), { maxLength: 5 })
    .map((list) => bytesOf(JSON.stringify(list))),
  words: ['"address":', '"kept":', '"neighbour":', '"lastSeen":', 'true', 'false'],
  run(input) {
    let list: unknown;
    try {
      list = JSON.parse(textOf(input));
    } catch {
      return 'no JSON';
    }
    const read = readStoredPeers(Array.isArray(list) ? (list as unknown[]) : [list]);
    must(JSON.stringify(readStoredPeers(JSON.parse(JSON.stringify(read)) as unknown[])) === JSON.stringify(read), 'the peers are read differently the second time');
    return `ok ${String(Math.min(read.length, 3))} ${read[0] === undefined ? '' : Object.keys(read[0]).join(' ')}`;
  },
};

/** Where the file under test lies; one folder for the life of the process. */
let stateFolder: string | undefined;

/** At the end of the process at the latest; a test runner that ends its processes by force calls it before. */
export function removeStateFolder(): void {
  if (stateFolder !== undefined) rmSync(stateFolder, { recursive: true, force: true });
  stateFolder = undefined;
}

const preferences: Target = {
  name: 'preferences',
  maxBytes: 1_024,
  maxMs: 200,
  seeds: texts('{"theme":"dark","shortcuts":true,"followTip":false}', '{}', '{"theme":"blue"}', '[]', '{"theme":"dark"', '{"more":1}'),
  arbitrary: fc.record({ theme: fc.oneof(fc.constantFrom('dark', 'light', 'system'), fc.string()), shortcuts: fc.oneof(fc.boolean(), fc.nat()), followTip: fc.boolean() }, { requiredKeys: [] }).map((value) => bytesOf(JSON.stringify(value))),
  words: ['"theme":', '"dark"', '"shortcuts":', '"followTip":', 'true'],
  run(input) {
    if (stateFolder === undefined) {
      const made = mkdtempSync(join(tmpdir(), 'chainscope-fuzz-'));
      stateFolder = made;
      process.once('exit', removeStateFolder);
    }
    const path = join(stateFolder, 'preferences.json');
    // What an earlier input left aside is kept, and another name taken: each begins in an empty folder.
    rmSync(`${path}.unreadable`, { force: true });
    writeFileSync(path, input);
    const read = readStateFile(path, preferencesSchema.partial());
    const files = readdirSync(stateFolder);
    if (read.status === 'read') {
      must(preferencesSchema.partial().safeParse(read.value).success, 'what was read does not pass the check again');
      must(files.length === 1 || files.includes('preferences.json'), 'a good file was moved');
      return `ok ${Object.keys(read.value).sort().join(' ')}`;
    }
    must(read.status === 'corrupt' && read.movedTo === `${path}.unreadable` && !files.includes('preferences.json') && files.includes('preferences.json.unreadable'), 'a bad file was not kept aside');
    return `corrupt ${read.reason.slice(0, 16)}`;
  },
};

export const textTargets: readonly Target[] = [data, httpBodies, http, ipc, settings, addresses, peers, preferences];
