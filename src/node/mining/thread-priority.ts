import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets this thread stand back behind the window and other programs. Linux only: there a priority belongs to a thread, and threads have
 * numbers of their own. Elsewhere the priority is the whole process's, window included, and stays as it is.
 * @returns whether it was lowered
 */
export function lowerThreadPriority(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // "<process>/task/<thread>", see proc(5). Read without leaving this thread.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (!Number.isSafeInteger(thread) || thread <= 0) return false;
    // Only ever downwards: the program may have been started with a low one.
    setPriority(thread, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
    return true;
  } catch {
    // No /proc, or no right to: mining goes on as it is.
    return false;
  }
}
