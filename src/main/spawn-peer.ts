import { spawn } from 'node:child_process';
import type { Settings } from '../node/index.ts';
import type { ListenInfo, NodeInfo } from '../shared/events.ts';
import { reachableAt } from '../shared/listen.ts';
import { ApiError } from '../shared/node-api.ts';

/** Set for an instance that another one started: a data directory in use is no question then, the next one is taken. */
export const BESIDE_VARIABLE = 'CHAINSCOPE_BESIDE';

export interface SpawnPlan {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** How this process was started, as far as a second one must be started alike. */
export interface OwnStart {
  execPath: string;
  /** True when the Electron executable runs the app from its folder, false in a package. */
  defaultApp: boolean;
  appPath: string;
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** `ws://host:port` under which this computer reaches the server. */
export function localAddress(listen: ListenInfo): string {
  return `ws://${reachableAt(listen)}`;
}

/**
 * The command that starts another instance of this app: same executable and app, a data directory beside ours, free ports,
 * this node as its peer, the same network, and as much of the computer for mining. Of our own switches it keeps only those that the machine needs; settings go by the
 * environment.
 *
 * @throws ApiError when this node takes no connections
 */
export function planSpawn(own: OwnStart, node: NodeInfo, baseDir: string, mining: Pick<Settings, 'mineWorkers' | 'mineShare' | 'mineKernel'>): SpawnPlan {
  if (node.p2p === undefined) {
    throw new ApiError({ code: 'internal', message: 'This node takes no connections, so a second one could not reach it. Restart Chainscope.' });
  }
  const kept = own.argv.filter((arg) => /^--(no-sandbox|disable-gpu|ozone-platform(-hint)?=[a-z]+|lang=[\w-]+)$/.test(arg));
  const env: NodeJS.ProcessEnv = {
    ...own.env,
    DATA_DIR: baseDir,
    HTTP_PORT: '0',
    P2P_PORT: '0',
    P2P_HOST: node.p2p.host,
    PEERS: localAddress(node.p2p),
    NETWORK: node.network,
    ...(mining.mineWorkers === undefined ? {} : { MINE_WORKERS: String(mining.mineWorkers) }),
    ...(mining.mineShare === undefined ? {} : { MINE_CPU: String(Math.round(mining.mineShare * 100)) }),
    ...(mining.mineKernel === undefined ? {} : { MINE_KERNEL: mining.mineKernel }),
    [BESIDE_VARIABLE]: '1',
  };
  // A name of its own, and a process of its own: neither Node's mode nor a debugger's port is inherited.
  for (const name of ['NODE_NAME', 'ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS']) Reflect.deleteProperty(env, name);
  return { command: own.execPath, args: [...kept, ...(own.defaultApp ? [own.appPath] : [])], env };
}

/**
 * Starts the planned process on its own: it outlives this one. Resolves with its id once the system has started it.
 * @throws ApiError when it cannot be started
 */
export function startDetached(plan: SpawnPlan): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(plan.command, plan.args, { env: plan.env, detached: true, stdio: 'ignore' });
    child.once('error', (error) => {
      reject(new ApiError({ code: 'internal', message: `A second node could not be started: ${error.message}. Start one by hand.` }));
    });
    child.once('spawn', () => {
      child.unref();
      resolve(child.pid ?? 0);
    });
  });
}
