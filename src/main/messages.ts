/** What the main process says to a person: on stderr always, in a dialog where somebody can see and answer it. */
import { app, dialog, type BrowserWindow } from 'electron';

/** Set to 1 where nobody can answer a dialog, such as a display that exists only for the program. */
export const NO_DIALOG_VARIABLE = 'CHAINSCOPE_NO_DIALOG';

/** Whether somebody could answer a dialog. */
export const dialogsAllowed = (): boolean => process.env[NO_DIALOG_VARIABLE] !== '1';

/** One line on stderr, with a time. */
export function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}

/**
 * Whether a failure that ends the program is also shown in a box. A box waits for a click, so it appears only where stderr
 * has no reader: in a package that a desktop started. A terminal, a script and a test read stderr and the exit code.
 */
export function failureNeedsBox(start: { packaged: boolean; terminal: boolean; env: NodeJS.ProcessEnv }): boolean {
  return start.packaged && !start.terminal && !start.env['CI'] && start.env[NO_DIALOG_VARIABLE] !== '1';
}

/** Says why the program cannot go on and ends it with `code`: 2 for a wrong setting, 1 for anything else. */
export async function fail(message: string, code: 1 | 2): Promise<void> {
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
  if (failureNeedsBox({ packaged: app.isPackaged, terminal: process.stderr.isTTY, env: process.env })) {
    await app.whenReady();
    dialog.showErrorBox('Chainscope cannot start', message);
  }
  app.exit(code);
}

/**
 * Asks whether to open a second node beside the one that holds the directory. Where nobody can answer, a directory that was
 * named is an error, told with `beside` as one to name instead; the usual one was not asked for, so the second node opens beside it and says so.
 */
export async function askForSecondNode(dataDir: string, named: boolean, beside: string): Promise<boolean> {
  process.stderr.write(`The data directory ${dataDir} is in use by another Chainscope.\n`);
  if (!dialogsAllowed()) {
    process.stderr.write(
      named ? `Close that one, or open a second node beside it with DATA_DIR=${beside}.\n` : 'Opening a second node beside it, with its own directory.\n',
    );
    return !named;
  }
  const { response } = await dialog.showMessageBox({
    type: 'question',
    title: 'Chainscope',
    message: 'This data directory is in use',
    detail: `Another Chainscope has ${dataDir} open. A second node can run beside it, with its own directory and ports.`,
    buttons: ['Open a second node beside it', 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

/** Says why the data directory cannot be used and asks for another one. Undefined when the person would rather quit. */
export async function askForFolder(problem: string): Promise<string | undefined> {
  process.stderr.write(`${problem}\n`);
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Chainscope',
    message: 'The data directory cannot be used',
    detail: problem,
    buttons: ['Choose another folder', 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (response !== 0) return undefined;
  const { canceled, filePaths } = await dialog.showOpenDialog({ title: 'Choose a folder for the chain', properties: ['openDirectory', 'createDirectory'] });
  return canceled ? undefined : filePaths[0];
}

/** Asks what to do when the page's process ended by itself. */
export async function askForReload(window: BrowserWindow, reason: string): Promise<'reload' | 'quit'> {
  if (!dialogsAllowed()) return 'reload';
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    title: 'Chainscope',
    message: 'The window stopped working',
    detail: `Its process ended (${reason}). The node goes on: mining and peers are not touched. Reload the window to see it again.`,
    buttons: ['Reload', 'Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 0 ? 'reload' : 'quit';
}

/** A box that says something and waits for nobody. */
export function tell(window: BrowserWindow | undefined, message: string, detail: string): void {
  if (!dialogsAllowed()) {
    log(`${message} ${detail}`);
    return;
  }
  const options = { type: 'info' as const, title: 'Chainscope', message, detail, buttons: ['OK'], noLink: true };
  void (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
}
