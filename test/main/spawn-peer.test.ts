import { describe, expect, it } from 'vitest';
import { BESIDE_VARIABLE, localAddress, planSpawn, startDetached, type OwnStart } from '../../src/main/spawn-peer.ts';
import { parseSettings } from '../../src/node/index.ts';
import type { NodeInfo } from '../../src/shared/events.ts';
import { ApiError } from '../../src/shared/node-api.ts';

const node: NodeInfo = {
  nodeId: 'n',
  name: 'Aster',
  network: 'regtest',
  version: '0.1.0',
  userAgent: 'x',
  dataDir: '/data/one-2',
  genesisHash: '0'.repeat(64),
  p2p: { host: '127.0.0.1', port: 5001 },
  startedAt: 0,
};
const own: OwnStart = { execPath: '/e/electron', defaultApp: true, appPath: '/app', argv: ['/e/electron', '/app'], env: { DISPLAY: ':1', HTTP_PORT: '3001' } };

describe('planSpawn', () => {
  it('starts the same app beside, with free ports and this node as its peer', () => {
    const plan = planSpawn(own, node, '/data/one', {});
    expect(plan.command).toBe('/e/electron');
    expect(plan.args).toEqual(['/app']);
    expect(plan.env).toEqual({
      DISPLAY: ':1',
      DATA_DIR: '/data/one',
      HTTP_PORT: '0',
      P2P_PORT: '0',
      P2P_HOST: '127.0.0.1',
      PEERS: 'ws://127.0.0.1:5001',
      NETWORK: 'regtest',
      [BESIDE_VARIABLE]: '1',
    });
  });

  it('names no app folder in a package', () => {
    expect(planSpawn({ ...own, defaultApp: false }, node, '/d', {}).args).toEqual([]);
  });

  it('keeps the switches that the machine needs and drops the settings, the name and the debugger', () => {
    const plan = planSpawn(
      {
        ...own,
        argv: ['e', '--no-sandbox', '--inspect=0', '--remote-debugging-port=9', '/app', '--data-dir', '/x', '--http-port=1', '--ozone-platform=wayland'],
        env: { NODE_NAME: 'Aster', NODE_OPTIONS: '--inspect', ELECTRON_RUN_AS_NODE: '1', ELECTRON_RENDERER_URL: 'http://localhost:5173' },
      },
      node,
      '/d',
      {},
    );
    expect(plan.args).toEqual(['--no-sandbox', '--ozone-platform=wayland', '/app']);
    expect(Object.keys(plan.env)).not.toEqual(expect.arrayContaining(['NODE_NAME']));
    for (const name of ['NODE_NAME', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE']) expect(plan.env).not.toHaveProperty(name);
    expect(plan.env).toHaveProperty('ELECTRON_RENDERER_URL');
  });

  it('takes no more of the computer for mining than this node, however that was said', () => {
    for (const [argv, env] of [
      [['--mine-workers', '1', '--mine-cpu=57', '--mine-kernel=wasm'], {}],
      [[], { MINE_WORKERS: '1', MINE_CPU: '57', MINE_KERNEL: 'wasm' }],
      [['--mine-workers', '1', '--mine-cpu=57', '--mine-kernel=wasm'], { MINE_WORKERS: '9', MINE_CPU: '90', MINE_KERNEL: 'plain' }],
    ] as const) {
      const plan = planSpawn({ ...own, argv: ['/e/electron', '/app', ...argv], env }, node, '/d', parseSettings(env, argv));
      expect(parseSettings(plan.env, plan.args, { strict: false })).toMatchObject({ mineWorkers: 1, mineShare: 0.57, mineKernel: 'wasm' });
    }
  });

  it('refuses when this node takes no connections', () => {
    const { p2p: _none, ...deaf } = node;
    expect(() => planSpawn(own, deaf, '/d', {})).toThrow(ApiError);
  });
});

describe('localAddress', () => {
  it.each([
    ['127.0.0.1', 'ws://127.0.0.1:1'],
    ['0.0.0.0', 'ws://127.0.0.1:1'],
    ['::', 'ws://[::1]:1'],
    ['::1', 'ws://[::1]:1'],
    ['192.168.0.2', 'ws://192.168.0.2:1'],
  ])('%s is reached at %s', (host, address) => {
    expect(localAddress({ host, port: 1 })).toBe(address);
  });
});

describe('startDetached', () => {
  it('gives the id of the process that it started', async () => {
    const pid = await startDetached({ command: process.execPath, args: ['-e', ''], env: process.env });
    expect(pid).toBeGreaterThan(0);
  });

  it('rejects with a sentence when there is nothing to start', async () => {
    await expect(startDetached({ command: '/does/not/exist', args: [], env: {} })).rejects.toThrow(/could not be started/);
  });
});
