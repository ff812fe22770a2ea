import { join } from 'node:path';
import { app, BrowserWindow, clipboard, ipcMain, powerMonitor, shell, type Session } from 'electron';
import { openNode, readyLine, StoreError, type RunningNode } from '../node/index.ts';
import type { NodeInfo } from '../shared/events.ts';
import { pushChannel, type IpcPushes, type IpcPushName } from '../shared/ipc.ts';
import { reachableAt } from '../shared/listen.ts';
import { ApiError, type NodeApi } from '../shared/node-api.ts';
import { defaultPreferences } from '../shared/preferences.ts';
import { EventPusher } from './event-pusher.ts';
import { createHandlers, setPreferences } from './handlers.ts';
import { isTrustedSender, registerIpc } from './ipc-main.ts';
import { MAIN_LIMITS } from './limits.ts';
import { showMenu, type MenuActions } from './menu.ts';
import { askForReload, dialogsAllowed, fail, log, tell } from './messages.ts';
import { isOurPage, lockNavigation } from './navigation.ts';
import { openPageSession } from './page-session.ts';
import { PreferencesStore } from './preferences.ts';
import { localAddress, planSpawn, startDetached } from './spawn-peer.ts';
import type { DataDirectory } from './startup.ts';
import { applyTheme } from './theme.ts';
import { createWindow } from './window.ts';

/** One process: one node, one data directory, one window. Made before the app is ready, run after. */
export class Application {
  readonly #directory: DataDirectory;
  readonly #devServer: string | undefined;
  readonly #outDir: string;
  #opening: Promise<RunningNode> | undefined;
  #node: RunningNode | undefined;
  #window: BrowserWindow | undefined;
  #pusher: EventPusher | undefined;
  #preferences: PreferencesStore | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;
  #exitCode = 0;
  #silentReloads = 0;

  constructor(directory: DataDirectory, options: { outDir: string; devServer: string | undefined }) {
    this.#directory = directory;
    this.#outDir = options.outDir;
    this.#devServer = options.devServer;
    app.on('window-all-closed', () => app.quit());
    app.on('before-quit', (event) => {
      if (this.#closed) return;
      event.preventDefault();
      void this.shutDown(0);
    });
    process.on('exit', () => directory.removeWaitingRoom());
    lockNavigation(this.#devServer, (what) => log(`refused ${what}`));
  }

  /**
   * Order: data directory, node (its window waits for it a second at most), preferences, session, IPC, window. Ends the program
   * with a message when one of the first two cannot be had.
   */
  async run(): Promise<void> {
    // Linux and macOS wait for a process that asks them to, for as long as they like to; Electron's types do not know of the event.
    powerMonitor.on('shutdown', ((event: { preventDefault(): void }) => {
      event.preventDefault();
      app.quit();
    }) as () => void);
    powerMonitor.on('resume', () => this.#node?.node.resume());
    const begun = await this.#beginOpening();
    if (begun === undefined || this.#closing !== undefined) return;

    const { dataDir } = this.#directory.settings;
    // The hints of the first minute are the first window's: in one beside it they would speak twice.
    const beside = dataDir !== this.#directory.base;
    const preferences = new PreferencesStore(dataDir, beside ? { ...defaultPreferences, hints: 'off' } : defaultPreferences);
    this.#preferences = preferences;
    for (const notice of preferences.notices) log(notice.message);
    applyTheme(preferences.get().theme);

    const page = openPageSession(join(this.#outDir, 'renderer'), this.#devServer, (what) => log(`refused ${what}`));
    registerIpc(ipcMain, createHandlers({ node: () => this.#api(), preferences, spawnPeer: () => this.#spawnPeer() }), {
      isTrusted: (event) =>
        isTrustedSender(
          event,
          (id) => this.#window !== undefined && !this.#window.isDestroyed() && this.#window.webContents.id === id,
          (url) => isOurPage(url, this.#devServer),
        ),
      report: log,
    });
    preferences.onChange((changed) => {
      applyTheme(changed.theme);
      this.#push('preferences', changed);
      this.#showMenu();
    });
    this.#showMenu();
    this.#openWindow(page, dataDir);

    try {
      this.#onOpen(await begun.opening);
    } catch (error) {
      await this.#cannotOpen(error);
    }
  }

  /** Closes the node within its time and ends the process with `code`, or with a worse one that it is called with meanwhile. */
  shutDown(code: number): Promise<void> {
    this.#exitCode = Math.max(this.#exitCode, code);
    if (this.#closed && this.#exitCode > 0) this.#exit(this.#exitCode);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Starts to open the node, asking first when the directory is held. Resolves when the node is open or takes long: a long
   * opening does not keep the window away. Undefined when the program ends instead.
   */
  async #beginOpening(): Promise<{ opening: Promise<RunningNode> } | undefined> {
    for (;;) {
      try {
        while (this.#directory.problem !== undefined && (await this.#directory.chooseAnother()));
        if (this.#directory.problem !== undefined || (this.#directory.held && !(await this.#directory.resolve()))) {
          await this.shutDown(1);
          return undefined;
        }
      } catch (error) {
        await this.#cannotOpen(error);
        return undefined;
      }
      const opening = openNode(this.#directory.settings);
      this.#opening = opening;
      const outcome = await Promise.race([
        opening.then(
          () => undefined,
          (error: unknown) => ({ error }),
        ),
        new Promise<undefined>((resolve) => setTimeout(resolve, MAIN_LIMITS.openPatience, undefined)),
      ]);
      if (outcome === undefined) return { opening };
      const code = outcome.error instanceof StoreError ? outcome.error.code : undefined;
      if (code === 'data-dir-locked') this.#directory.heldByAnotherNode();
      else if (outcome.error instanceof StoreError && (code === 'data-dir-unusable' || code === 'schema-newer') && dialogsAllowed()) {
        this.#directory.problem = outcome.error.message;
      } else {
        await this.#cannotOpen(outcome.error);
        return undefined;
      }
    }
  }

  #onOpen(node: RunningNode): void {
    if (this.#closing !== undefined) return;
    this.#node = node;
    node.api.subscribe((event) => {
      this.#pusher?.push(event);
      if (event.type === 'node') this.#nameWindow(event.node);
    });
    // The page took its snapshot while the node opened, or is about to.
    const info = node.api.snapshot().node;
    this.#nameWindow(info);
    process.stdout.write(`${readyLine(info)}\n`);
    // A notice could be overlooked among others; that a chain was put together again is worth a click.
    const repairs = node.api.snapshot().notices.filter(({ code, level }) => code === 'store-repaired' && level === 'warning');
    if (repairs.length > 0) tell(this.#window, 'The chain on this computer was damaged and has been repaired', repairs.map(({ message }) => message).join('\n\n'));
  }

  async #cannotOpen(error: unknown): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#closed = true;
    const wrongSetting = error instanceof Error && error.name === 'SettingsError';
    const known = wrongSetting || error instanceof StoreError || (error instanceof Error && error.name === 'DataDirError');
    const message = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
    await fail(message, wrongSetting ? 2 : 1);
  }

  async #api(): Promise<NodeApi> {
    if (this.#closing !== undefined || this.#opening === undefined) {
      throw new ApiError({ code: 'node-closing', message: 'The node is closing. Start Chainscope again.' });
    }
    return (await this.#opening).api;
  }

  #openWindow(session: Session, dataDir: string): void {
    const window = createWindow({ dataDir, session, outDir: this.#outDir, devServer: this.#devServer });
    this.#window = window;
    const pusher = new EventPusher((push) => this.#push('events', push));
    this.#pusher = pusher;
    for (const name of ['hide', 'minimize'] as const) window.on(name as 'hide', () => pusher.setHidden(true));
    for (const name of ['show', 'restore'] as const) window.on(name as 'show', () => pusher.setHidden(false));
    window.once('closed', () => pusher.stop());
    window.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason !== 'clean-exit' && this.#closing === undefined) void this.#pageGone(window, details.reason);
    });
    if (this.#node !== undefined) this.#nameWindow(this.#node.api.snapshot().node);
  }

  async #pageGone(window: BrowserWindow, reason: string): Promise<void> {
    log(`the page's process ended: ${reason}`);
    // Without a person to ask, a page that dies again and again must not be loaded for ever.
    this.#silentReloads += 1;
    if (!dialogsAllowed() && this.#silentReloads > MAIN_LIMITS.silentReloads) return;
    const answer = await askForReload(window, reason);
    if (window.isDestroyed()) return;
    if (answer === 'reload') window.webContents.reload();
    else app.quit();
  }

  #nameWindow(node: NodeInfo): void {
    if (this.#window === undefined || this.#window.isDestroyed()) return;
    this.#window.setTitle(`${node.name} · Chainscope${node.network === 'main' ? '' : ` (${node.network})`}`);
  }

  #push<P extends IpcPushName>(name: P, payload: IpcPushes[P]): void {
    const window = this.#window;
    if (window === undefined || window.isDestroyed() || window.webContents.isCrashed()) return;
    window.webContents.send(pushChannel(name), payload);
  }

  async #spawnPeer(): Promise<number> {
    const api = await this.#api();
    const own = {
      execPath: process.execPath,
      defaultApp: process.defaultApp === true,
      appPath: app.getAppPath(),
      // What Chromium was really started with; Playwright and Electron take arguments out of `process.argv`.
      argv: app.commandLine.hasSwitch('no-sandbox') ? [...process.argv, '--no-sandbox'] : process.argv,
      env: process.env,
    };
    return startDetached(planSpawn(own, api.snapshot().node, this.#directory.base, this.#directory.settings));
  }

  #showMenu(): void {
    const preferences = this.#preferences;
    if (preferences === undefined) return;
    const run = (action: () => Promise<unknown>): void => {
      action().catch((error: unknown) => {
        // A ticked entry that did nothing is not ticked.
        this.#showMenu();
        tell(this.#window, 'That did not work', error instanceof Error ? error.message : String(error));
      });
    };
    const actions: MenuActions = {
      command: (command) => this.#push('menu', command),
      setPreferences: (patch) => run(async () => setPreferences(preferences, patch)),
      spawnPeer: () => run(() => this.#spawnPeer()),
      copyAddresses: () => run(async () => clipboard.writeText(addressText((await this.#api()).snapshot().node))),
      openDataFolder: () =>
        run(async () => {
          const { dataDir } = this.#directory.settings;
          const why = await shell.openPath(dataDir);
          if (why !== '') throw new Error(`The system did not open ${dataDir}: ${why}. Open it in your file manager.`);
        }),
      about: () => tell(this.#window, 'Chainscope', this.#aboutText()),
      quit: () => app.quit(),
    };
    showMenu(preferences.get(), actions, this.#devServer !== undefined);
  }

  #aboutText(): string {
    const node = this.#node?.api.snapshot().node;
    return [
      `Version ${app.getVersion()}`,
      `Electron ${process.versions.electron}, Chromium ${process.versions.chrome}, Node.js ${process.versions.node}`,
      ...(node === undefined ? [] : [`Node ${node.name} on ${node.network}`, addressText(node)]),
      `Data: ${this.#directory.settings.dataDir}`,
    ].join('\n');
  }

  /** Windows first, since they are what a person waits for; then the node, which writes what it holds. */
  async #close(): Promise<void> {
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    this.#pusher?.stop();
    // It runs until the process ends: a window that does not go must not keep it either.
    setTimeout(() => {
      log(`${this.#closed ? 'the window' : 'the node'} did not close within ${String(MAIN_LIMITS.closeTimeout)} ms`);
      this.#exit(this.#closed ? this.#exitCode : 1);
    }, MAIN_LIMITS.closeTimeout);
    try {
      const node = await this.#opening;
      await node?.close();
    } catch (error) {
      // One that could not be opened has nothing to close and was reported already.
      if (this.#node !== undefined) {
        log(`closing the node failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        this.#exitCode = Math.max(this.#exitCode, 1);
      }
    }
    this.#closed = true;
    if (this.#exitCode === 0) app.quit();
    else this.#exit(this.#exitCode);
  }

  /** Ends the process at once. Before Chromium's loop runs there is no event of it, not even Node's 'exit'. */
  #exit(code: number): void {
    this.#directory.removeWaitingRoom();
    app.exit(code);
  }
}

/** Both addresses of a node, one a line. */
export function addressText(node: NodeInfo): string {
  return [
    ...(node.p2p === undefined ? [] : [`Peers: ${localAddress(node.p2p)}`]),
    ...(node.http === undefined ? [] : [`HTTP API: http://${reachableAt(node.http)}`]),
  ].join('\n');
}
