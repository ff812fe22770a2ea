// A lock between processes, so that two `npm start` at once do each piece of work once.
import { link, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, stopIfInterrupted } from './say.mjs';

const pollMs = 150;

/** Locks that this process holds itself. */
const held = new Set();
let calls = 0;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * What a lock file says, or undefined when there is none.
 * @param {string} path
 */
function read(path) {
  return readFile(path, 'utf8').catch(() => undefined);
}

/**
 * The living process that a lock file names. A file without a number was left by a power cut, and one with our own number by a
 * process that had it before, as the first one of each container has: nobody holds those.
 * @param {string} path
 * @param {string} text what it says
 */
function ownerOf(path, text) {
  if (!/^\d+\n$/.test(text)) return undefined;
  const pid = Number(text);
  if (pid === process.pid) return held.has(path) ? pid : undefined;
  return isAlive(pid) ? pid : undefined;
}

/**
 * Runs `work` while no other process runs work under the same path, and waits as long as that takes.
 * The lock is a file with the owner's process id, made whole under another name and then linked, so that
 * nobody ever reads half of it. A lock whose owner has died is taken over. Ctrl+C ends the wait.
 * @template T
 * @param {string} path the lock file
 * @param {string} what for the line printed while waiting, e.g. "installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, what, work) {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}.${(calls += 1)}`;
  await writeFile(mine, `${process.pid}\n`);
  try {
    for (let told = false; ; ) {
      stopIfInterrupted();
      try {
        await link(mine, path);
        break;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const text = await read(path);
      if (text === undefined) continue;
      const owner = ownerOf(path, text);
      if (owner === undefined) {
        await removeStale(path, text, mine);
        continue;
      }
      if (!told) say(`waiting for another process (${owner}) that is ${what}`);
      told = true;
      await sleep(pollMs);
    }
  } finally {
    await unlink(mine);
  }
  held.add(path);
  try {
    return await work();
  } finally {
    held.delete(path);
    await rm(path, { force: true });
  }
}

/**
 * Removes a lock that nobody holds. Two waiters may both see it; only the one that gets to make the "breaking" file
 * may remove it, and only after reading the lock once more, so that a fresh lock is never removed.
 * @param {string} path
 * @param {string} text what it said
 * @param {string} mine a file with our process id
 */
async function removeStale(path, text, mine) {
  const breaking = `${path}.breaking`;
  try {
    await link(mine, breaking);
  } catch {
    const breaker = await read(breaking);
    if (breaker !== undefined && ownerOf(breaking, breaker) === undefined) await rm(breaking, { force: true });
    await sleep(pollMs);
    return;
  }
  try {
    if ((await read(path)) === text) await rm(path, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
}
