/**
 * The names of the IPC table and nothing else, so that the sandboxed preload can be built from them without carrying the
 * schema library. `ipc.ts` gives each name its schema and types and does not compile when the two differ.
 */
export const ipcNames = [
  'snapshot',
  'getBlock',
  'checkBlock',
  'tamper',
  'getBlocks',
  'overview',
  'chainIndex',
  'forks',
  'findBlocks',
  'stopFinding',
  'mine',
  'stopMining',
  'addPeer',
  'removePeer',
  'cutPeer',
  'mendPeer',
  'submitTransaction',
  'transactions',
  'spawnPeer',
  'getPreferences',
  'setPreferences',
  'copyText',
] as const;
export type IpcName = (typeof ipcNames)[number];

export const ipcPushNames = ['events', 'preferences', 'menu'] as const;
export type IpcPushName = (typeof ipcPushNames)[number];

export const invokeChannel = (name: IpcName): string => `chainscope:${name}`;
export const pushChannel = (name: IpcPushName): string => `chainscope:push:${name}`;
