import { app } from 'electron';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../node/index.ts';
import { besideDirs, claimBeside, claimDataDir, DataDirError, folderFor } from './data-dir.ts';
import { askForFolder, askForSecondNode, dialogsAllowed } from './messages.ts';
import { BESIDE_VARIABLE } from './spawn-peer.ts';

/**
 * Which data directory this process has. It starts out with the one that the settings name; when that is held, a question to
 * the person decides, and the settings change with the answer.
 */
export class DataDirectory {
  /** Settings with the directory and ports that are really used. */
  settings: Settings;
  /** The directory that numbered ones stand beside. */
  base: string;
  /** Why the directory cannot be used, in a sentence, until another one is chosen. */
  problem: string | undefined;
  /** True while another process has `settings.dataDir`. */
  held = false;
  /** Where Chromium lives while the question is asked; nothing of the user's is in it. */
  #waitingRoom: string | undefined;
  /** The next free directory beside `base` is taken without a question: another node started this one, or the person said so already. */
  #beside: boolean;
  readonly #heldByNode = new Set<string>();

  /** Before the app is ready, since Chromium reads `userData` then. @throws DataDirError when nobody can be asked for another directory */
  constructor(settings: Settings, env: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.base = settings.dataDir;
    this.#beside = env[BESIDE_VARIABLE] === '1';
    Reflect.deleteProperty(env, BESIDE_VARIABLE);
    try {
      if (this.#beside) this.#moveBeside();
      else if (!claimDataDir(app, settings.dataDir)) {
        this.held = true;
        this.#enterWaitingRoom();
      }
    } catch (error) {
      if (!(error instanceof DataDirError) || !dialogsAllowed()) throw error;
      this.problem = error.message;
      this.#enterWaitingRoom();
    }
  }

  #enterWaitingRoom(): void {
    this.#waitingRoom = mkdtempSync(join(tmpdir(), 'chainscope-'));
    app.setPath('userData', this.#waitingRoom);
  }

  /** To be called when the process ends. */
  removeWaitingRoom(): void {
    if (this.#waitingRoom !== undefined) rmSync(this.#waitingRoom, { recursive: true, force: true });
  }

  /** Asks for another directory than the one with the problem. @returns false when the person would rather quit */
  async chooseAnother(): Promise<boolean> {
    const chosen = await askForFolder(this.problem ?? '');
    if (chosen === undefined) return false;
    const dataDir = folderFor(chosen);
    this.settings = { ...this.settings, dataDir, dataDirExplicit: true };
    this.base = dataDir;
    this.problem = undefined;
    try {
      this.held = !claimDataDir(app, dataDir);
    } catch (error) {
      if (!(error instanceof DataDirError)) throw error;
      this.problem = error.message;
    }
    return true;
  }

  /** The node found the directory held by one that has no window. */
  heldByAnotherNode(): void {
    this.#heldByNode.add(this.settings.dataDir);
    this.held = true;
  }

  /** Asks where nobody decided yet, and moves beside on a yes. @returns false when the person would rather quit. @throws DataDirError */
  async resolve(): Promise<boolean> {
    if (!this.#beside) {
      const { dataDir, dataDirExplicit } = this.settings;
      if (!(await askForSecondNode(dataDir, dataDirExplicit, this.#nextBeside()))) return false;
      this.#beside = true;
    }
    this.#moveBeside();
    this.held = false;
    return true;
  }

  /** As far as it is known: which of them are held turns out when they are claimed. */
  #nextBeside(): string {
    for (const dir of besideDirs(this.base)) if (dir !== this.settings.dataDir && !this.#heldByNode.has(dir)) return dir;
    return this.base;
  }

  #moveBeside(): void {
    this.settings = besideSettings(this.settings, claimBeside(app, this.base, this.#heldByNode));
  }
}

/** A second node's settings: another directory, ports that may move, and a name of its own. */
export function besideSettings(settings: Settings, dataDir: string): Settings {
  const { nodeName: _first, ...rest } = settings;
  const movable = (port: Settings['httpPort']): Settings['httpPort'] => (port.value === 0 ? port : { ...port, explicit: false });
  return { ...rest, dataDir, httpPort: movable(settings.httpPort), p2pPort: movable(settings.p2pPort) };
}
