// A lock between processes, so that two `npm start` at once do each piece of work once.
import { link, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './say.mjs';

const pollMs = 150;

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
 * The process that holds the lock, or undefined when the lock is gone.
 * @param {string} path
 */
async function ownerOf(path) {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

/**
 * Runs `work` while no other process runs work under the same path, and waits as long as that takes.
 * The lock is a file with the owner's process id, made whole under another name and then linked, so that
 * nobody ever reads half of it. A lock whose owner has died is taken over.
 * @template T
 * @param {string} path the lock file
 * @param {string} what for the line printed while waiting, e.g. "installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, what, work) {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, `${process.pid}\n`);
  try {
    for (let told = false; ; ) {
      try {
        await link(mine, path);
        break;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const owner = await ownerOf(path);
      if (owner === undefined) continue;
      if (!isAlive(owner)) {
        await removeStale(path, owner);
        continue;
      }
      if (!told) say(`waiting for another process (${owner}) that is ${what}`);
      told = true;
      await sleep(pollMs);
    }
  } finally {
    await unlink(mine);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Removes a dead owner's lock. Two waiters may both see it; only the one that gets to make the "breaking" file
 * may remove it, and only after reading the owner once more, so that a fresh lock is never removed.
 * @param {string} path
 * @param {number} owner
 */
async function removeStale(path, owner) {
  const breaking = `${path}.breaking`;
  try {
    await writeFile(breaking, `${process.pid}\n`, { flag: 'wx' });
  } catch {
    const breaker = await ownerOf(breaking);
    if (breaker !== undefined && !isAlive(breaker)) await rm(breaking, { force: true });
    await sleep(pollMs);
    return;
  }
  try {
    if ((await ownerOf(path)) === owner) await rm(path, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
}
