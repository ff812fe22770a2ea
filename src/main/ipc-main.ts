import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { type z } from 'zod';
import { invokeChannel, ipcNames, ipcTable, type IpcName, type IpcOutput, type IpcResult } from '../shared/ipc.ts';
import { ApiError, type ApiErrorShape } from '../shared/node-api.ts';

/** What a checked argument looks like when it reaches its handler. */
export type CheckedInput<N extends IpcName> = z.output<(typeof ipcTable)[N]['input']>;

/** One handler for each row of the table; a missing one does not compile. */
export type IpcHandlers = { [N in IpcName]: (input: CheckedInput<N>) => IpcOutput<N> | Promise<IpcOutput<N>> };

/** What the checks need to know about whoever calls; the event of `ipcMain.handle` has this shape. */
export type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

/**
 * Registers a handler for every row of the IPC table. A call runs only when it comes from the main frame of our own page in a window
 * of ours, with exactly the argument that the row's schema describes. Nothing is thrown across: a refusal and a failure are values.
 *
 * @returns removes the handlers
 */
export function registerIpc(
  ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>,
  handlers: IpcHandlers,
  options: { isTrusted: (event: Sender) => boolean; report: (message: string) => void },
): () => void {
  for (const name of ipcNames) {
    ipcMain.handle(invokeChannel(name), (event, ...args: unknown[]) => {
      if (!options.isTrusted(event)) {
        options.report(`IPC ${name} was refused: the sender is not the page of a window of ours`);
        return failure({ code: 'refused', message: 'This page may not use the node. Use the window that Chainscope opened.' });
      }
      return answer(name, handlers[name] as (input: unknown) => unknown, args, options.report);
    });
  }
  return () => {
    for (const name of ipcNames) ipcMain.removeHandler(invokeChannel(name));
  };
}

/** Checks the arguments of one call, runs its handler and puts the outcome into an envelope. Never rejects. */
export async function answer(
  name: IpcName,
  handler: (input: unknown) => unknown,
  args: readonly unknown[],
  report: (message: string) => void,
): Promise<IpcResult<unknown>> {
  if (args.length > 1) {
    return failure({ code: 'invalid-argument', message: `${name} takes one argument at most. Leave the others out.`, expected: '1', got: String(args.length) });
  }
  if (!isPlain(args[0])) {
    return failure({ code: 'invalid-argument', message: `The argument of ${name} must be plain data. Send an object, a text or a number.` });
  }
  const parsed = ipcTable[name].input.safeParse(args[0]);
  if (!parsed.success) return failure(argumentError(name, parsed.error));
  try {
    return { ok: true, value: await handler(parsed.data) };
  } catch (error) {
    if (error instanceof ApiError) return failure(error.toShape());
    // What went wrong inside is for the log; a page (and a person) is told what to do.
    report(`IPC ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return failure({ code: 'internal', message: 'Chainscope could not do that because of a mistake of its own. Try again, or restart it.' });
  }
}

/** Structured cloning lets dates, maps and the like through; to a schema without required fields they would look like `{}`. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** One sentence about the first thing that is wrong with an argument. */
function argumentError(name: IpcName, error: z.ZodError): ApiErrorShape {
  const issue = error.issues[0];
  const field = issue === undefined ? undefined : printable(issue.path.map(String).join('.'), 60);
  const reason = printable(issue?.message ?? 'it has the wrong shape', 200);
  return {
    code: 'invalid-argument',
    message: `The argument of ${name} is wrong${field ? ` at ${field}` : ''}: ${reason}.`,
    ...(field ? { field } : {}),
  };
}

/** On one line, cut: names of fields come from the page, and the sentence is shown and logged. */
function printable(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

function failure(error: ApiErrorShape): IpcResult<never> {
  return { ok: false, error };
}

/** The trust rule: main frame, not destroyed, in a window of ours, showing our page. */
export function isTrustedSender(event: Sender, isOurContents: (id: number) => boolean, isOurUrl: (url: string) => boolean): boolean {
  const frame = event.senderFrame;
  if (frame === null || frame === undefined || event.sender.isDestroyed()) return false;
  if (!isOurContents(event.sender.id)) return false;
  // `===` would compare wrappers: a frame is the main one when it has no parent and is the contents' own.
  if (frame.parent !== null || frame.frameTreeNodeId !== event.sender.mainFrame.frameTreeNodeId) return false;
  return isOurUrl(frame.url);
}
