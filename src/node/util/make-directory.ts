import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and those above it that are missing, each for this user alone; one that is there keeps its rights. Node's own
 * `recursive` turns for ever where a parent is there and still nothing can be made in it, as in `/proc`.
 * @throws the file system's error: EEXIST when a file has the name, ENOTDIR when one is on the way
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && missing.at(-1) !== at; at = dirname(at)) missing.push(at);
  for (const at of missing.reverse()) {
    try {
      mkdirSync(at, { mode: 0o700 });
    } catch (error) {
      // Somebody else was faster; whether it is a directory is seen below.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  // The error of making it says best what is there instead.
  if (!statSync(path).isDirectory()) mkdirSync(path);
}
