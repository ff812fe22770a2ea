import { MAX_LOG_DATA_CHARS } from './limits.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
  error(message: string, data?: object): void;
  /** A logger whose lines carry `name` after this one's own. */
  child(name: string): Logger;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** Control, format and line-separator characters: a peer's text must not move the cursor, start a line or turn the reading direction. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** One line of JSON for people: bigints as digits, errors as name and message, bytes as their count, circles and failures named. */
export function formatLogData(data: object): string {
  const above: object[] = [];
  let text: string;
  try {
    text = JSON.stringify(data, function replace(this: unknown, _key, value: unknown) {
      if (typeof value === 'bigint') return value.toString();
      if (typeof value !== 'object' || value === null) return value;
      if (value instanceof Error) return `${value.name}: ${value.message}`;
      if (value instanceof Uint8Array) return `${value.length} bytes`;
      // `this` is the object that holds `value`: what is on the path from the root to it is above it.
      while (above.length > 0 && above[above.length - 1] !== this) above.pop();
      if (above.includes(value)) return '[circular]';
      above.push(value);
      return value;
    });
  } catch (error) {
    text = `[unreadable: ${error instanceof Error ? error.message : 'unknown'}]`;
  }
  const safe = escapeUnsafe(text);
  return safe.length > MAX_LOG_DATA_CHARS ? `${safe.slice(0, MAX_LOG_DATA_CHARS)}…` : safe;
}

class LineLogger implements Logger {
  readonly #level: LogLevel;
  readonly #name: string;
  readonly #write: (line: string, level: LogLevel) => void;
  readonly #now: () => number;

  constructor(level: LogLevel, name: string, write: (line: string, level: LogLevel) => void, now: () => number) {
    this.#level = level;
    this.#name = name;
    this.#write = write;
    this.#now = now;
  }

  debug(message: string, data?: object): void {
    this.#line('debug', message, data);
  }

  info(message: string, data?: object): void {
    this.#line('info', message, data);
  }

  warn(message: string, data?: object): void {
    this.#line('warn', message, data);
  }

  error(message: string, data?: object): void {
    this.#line('error', message, data);
  }

  child(name: string): Logger {
    return new LineLogger(this.#level, this.#name === '' ? name : `${this.#name}/${name}`, this.#write, this.#now);
  }

  #line(level: LogLevel, message: string, data: object | undefined): void {
    if (RANK[level] < RANK[this.#level]) return;
    const time = new Date(this.#now()).toISOString();
    const name = this.#name === '' ? '' : `${escapeUnsafe(this.#name)}: `;
    const tail = data === undefined ? '' : ` ${formatLogData(data)}`;
    this.#write(`${time} ${level.padEnd(5)} ${name}${escapeUnsafe(message)}${tail}`, level);
  }
}

export interface ConsoleLoggerOptions {
  /** Where a line goes; standard error when absent, so that standard output stays for a command's answer. */
  write?: (line: string, level: LogLevel) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Lines `time level name: message {data}` for every call of at least `level`. */
export function consoleLogger(level: LogLevel = 'info', options: ConsoleLoggerOptions = {}): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return new LineLogger(level, '', write, options.now ?? (() => Date.now()));
}

const ignore = (): void => undefined;

/** Says nothing. */
export const nullLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => nullLogger,
};
