/**
 * Databases that this process has open. LevelDB's lock is one of fcntl: it keeps other processes away, but the process that holds it may
 * open the file again under another name, and loses the lock as soon as it closes that one (POSIX.1-2017, fcntl).
 */
const open = new Set<string>();

export function markInUse(path: string, inUse: boolean): void {
  if (inUse) open.add(path);
  else open.delete(path);
}

export function isInUse(path: string): boolean {
  return open.has(path);
}
