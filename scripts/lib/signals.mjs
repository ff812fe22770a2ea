// What Ctrl+C and a polite kill do: they are handed on to the running programs, and the script ends with them.
import { constants } from 'node:os';

/** Both npm and the terminal hand Ctrl+C on, so one press arrives twice. A repeat within this time is the same press. */
const sameMs = 1000;
/** How long a program may take to end after the first signal. */
const patienceMs = 10_000;

/** @type {Map<import('node:child_process').ChildProcess, { ownGroup: boolean, patient: boolean }>} */
const children = new Map();
/** @type {NodeJS.Signals | undefined} */
let received;
let receivedAt = 0;

/** Whether a signal has asked this script to end. */
export function interrupted() {
  return received !== undefined;
}

/**
 * The exit code of a program that ended by itself or by a signal, as a shell counts it.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCode(code, signal) {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

/** @param {boolean} patientToo */
function killAll(patientToo) {
  for (const [child, { ownGroup, patient }] of children) {
    if (patient && !patientToo) continue;
    try {
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** @param {NodeJS.Signals} signal */
function onSignal(signal) {
  if (received !== undefined) {
    if (Date.now() - receivedAt > sameMs) killAll(true);
    return;
  }
  received = signal;
  receivedAt = Date.now();
  for (const child of children.keys()) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  setTimeout(() => killAll(false), patienceMs).unref();
}

let listening = false;

/**
 * Lets a program take part: it gets the first signal once, and is killed when it does not end in time or when the
 * person asks a second time.
 * @param {import('node:child_process').ChildProcess} child
 * @param {boolean} ownGroup whether it was started detached, so that its whole group can be killed
 * @param {boolean} [patient] whether it may take as long as it needs after the first signal
 */
export function track(child, ownGroup, patient = false) {
  if (!listening) for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, onSignal);
  listening = true;
  children.set(child, { ownGroup, patient });
  const forget = () => children.delete(child);
  child.once('close', forget);
  child.once('error', forget);
}
