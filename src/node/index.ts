/** What the app and the command line see of the node. */
import type { NodeInfo } from '../shared/events.ts';
import { hostPort } from '../shared/listen.ts';
import { HttpApi, HttpListenError } from './api/http-api.ts';
import { InProcessApi } from './api/in-process-api.ts';
import { FullNode, type FullNodeOptions } from './full-node.ts';
import { ListenError } from './net/types.ts';
import { portTakenError, SettingsError, writtenName, type Settings } from './settings.ts';
import { systemClock, type Clock } from './util/clock.ts';
import { consoleLogger, type Logger } from './util/logger.ts';
import type { Random } from './util/random.ts';

export { StoreError, type StoreErrorCode } from './chain/store/errors.ts';
export { verifyDataDir } from './chain/verify/verify.ts';
export type { Fault, FaultKind, VerifyCounts, VerifyReport } from './chain/verify/report.ts';
export { FullNode } from './full-node.ts';
export { defaultDataDir, parseSettings, SETTINGS_TABLE, SettingsError, usageText, wantsHelp, type PortSetting, type Settings } from './settings.ts';
export { makeDirectory } from './util/make-directory.ts';
export { USER_AGENT, VERSION } from './version.ts';

export interface OpenNodeOptions extends Omit<FullNodeOptions, 'settings'> {
  clock?: Clock;
  random?: Random;
  /** Warnings and errors go to standard error when absent. */
  logger?: Logger;
}

/** A node that is open, with its two doors. */
export interface RunningNode {
  readonly node: FullNode;
  readonly api: InProcessApi;
  readonly http: HttpApi;
  readonly info: NodeInfo;
  /** Closes the doors, then the node; within 3 s. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Opens a node and its doors. Order: the node, the door for code, the HTTP door. When one fails, what was opened is closed again.
 * @throws StoreError about the data directory
 * @throws SettingsError when a port that was asked for is taken, or an address cannot be listened on
 */
export async function openNode(settings: Settings, options: OpenNodeOptions = {}): Promise<RunningNode> {
  const { clock = systemClock, random, logger = consoleLogger('warn'), ...rest } = options;
  const node = new FullNode({ settings, ...rest }, { clock, logger, ...(random === undefined ? {} : { random }) });
  const undo: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      // A door that does not close must not leave the node open behind it.
      const failures: unknown[] = [];
      for (const step of undo.reverse()) {
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    })();
    return closing;
  };
  try {
    undo.push(() => node.close());
    await node.open();
    const api = await InProcessApi.open(node);
    undo.push(() => {
      api.close();
    });
    const http = new HttpApi({ port: settings.httpPort.value, portFallback: !settings.httpPort.explicit }, { api, clock, logger: logger.child('http') });
    undo.push(() => http.close());
    api.setHttp(await http.open());
    sayWhatMoved(node, api.info);
    return {
      node,
      api,
      http,
      get info() {
        return api.info;
      },
      close,
    };
  } catch (error) {
    await close();
    throw namedError(error, settings);
  }
}

/** The line that says a node is ready, the same from the window and from the command line: other programs wait for it. */
export function readyLine(info: NodeInfo): string {
  const address = (scheme: string, at: { host: string; port: number } | undefined): string =>
    at === undefined ? 'not listening' : `${scheme}://${hostPort(at)}`;
  return `Chainscope ${info.name}: HTTP API ${address('http', info.http)}, peers ${address('ws', info.p2p)}`;
}

function sayWhatMoved(node: FullNode, info: NodeInfo): void {
  const rows = [
    { what: 'The HTTP API', at: info.http },
    { what: 'The port for other nodes', at: info.p2p },
  ];
  for (const { what, at } of rows) {
    if (at?.movedFrom === undefined) continue;
    node.notify('info', 'port-moved', `Port ${String(at.movedFrom)} is used by another program. ${what} moved to ${String(at.port)}.`);
  }
}

/** An address that cannot be listened on, as the setting that has to change. */
function namedError(error: unknown, settings: Settings): unknown {
  if (error instanceof HttpListenError) {
    if (error.code === 'EADDRINUSE') return portTakenError('http-port', error.port, process.argv);
    return new SettingsError(writtenName('http-port', process.argv), 'a port that this user may listen on', `${String(error.port)} (${error.code})`);
  }
  if (error instanceof ListenError) {
    if (error.variable === 'P2P_HOST') return new SettingsError(writtenName('p2p-host', process.argv), 'an address of this computer', settings.p2pHost);
    if (error.code === 'EADDRINUSE') return portTakenError('p2p-port', settings.p2pPort.value, process.argv);
    return new SettingsError(writtenName('p2p-port', process.argv), 'a port that this user may listen on', `${String(settings.p2pPort.value)} (${error.code})`);
  }
  return error;
}
