import { describe, expect, it, vi } from 'vitest';
import { MAX_LOG_DATA_CHARS } from '../../../src/node/util/limits.ts';
import { consoleLogger, formatLogData, nullLogger, type LogLevel } from '../../../src/node/util/logger.ts';

function setup(level: LogLevel) {
  const lines: string[] = [];
  const logger = consoleLogger(level, { write: (line) => lines.push(line), now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
  return { lines, logger };
}

describe('consoleLogger', () => {
  it('writes time, level, name, message and data on one line', () => {
    const { lines, logger } = setup('debug');
    logger.info('listening', { port: 5001 });
    logger.child('net').warn('slow');
    logger.child('net').child('birch').error('gone');
    expect(lines).toEqual([
      '2026-01-02T03:04:05.006Z info  listening {"port":5001}',
      '2026-01-02T03:04:05.006Z warn  net: slow',
      '2026-01-02T03:04:05.006Z error net/birch: gone',
    ]);
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s writes %d of the four', (level, count) => {
    const { lines, logger } = setup(level);
    logger.debug('1');
    logger.info('2');
    logger.child('x').warn('3');
    logger.error('4');
    expect(lines).toHaveLength(count);
  });

  it('writes to standard error when nothing else is said', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      consoleLogger('info').info('hello');
      expect(write).toHaveBeenCalledWith(expect.stringMatching(/^\d{4}-.*Z info {2}hello\n$/));
    } finally {
      write.mockRestore();
    }
  });

  it('lets no text of a peer start a line, move the cursor or turn the reading direction', () => {
    const { lines, logger } = setup('info');
    logger.child('a\nb').info('x\r\n2026 fake \u001b[2J \u202e', { name: 'p\n\u2028\u202e\ud800' });
    // eslint-disable-next-line no-control-regex
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u2028\u202e]/);
    expect(lines[0]).toContain('a\\u{a}b: x\\u{d}\\u{a}2026 fake \\u{1b}[2J \\u{202e}');
  });
});

describe('formatLogData', () => {
  it('shows what JSON cannot', () => {
    expect(formatLogData({ work: 10n ** 20n, error: new TypeError('no'), raw: new Uint8Array(80) })).toBe(
      '{"work":"100000000000000000000","error":"TypeError: no","raw":"80 bytes"}',
    );
  });

  it('names a circle, and not an object that is there twice', () => {
    const shared = { a: 1 };
    const data: Record<string, unknown> = { x: shared, y: shared, list: [shared, { deep: shared }] };
    expect(formatLogData(data)).toBe('{"x":{"a":1},"y":{"a":1},"list":[{"a":1},{"deep":{"a":1}}]}');
    data['self'] = { back: data };
    expect(formatLogData(data)).toContain('"self":{"back":"[circular]"}');
  });

  it('survives data that throws when it is read', () => {
    const data = {
      get bad(): never {
        throw new Error('trap');
      },
    };
    expect(formatLogData(data)).toBe('[unreadable: trap]');
  });

  it('cuts long data', () => {
    const text = formatLogData({ text: 'x'.repeat(MAX_LOG_DATA_CHARS * 3) });
    expect(text).toHaveLength(MAX_LOG_DATA_CHARS + 1);
    expect(text.endsWith('…')).toBe(true);
  });
});

it('nullLogger says nothing', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    nullLogger.child('x').error('lost', { a: 1 });
    nullLogger.debug('a');
    nullLogger.info('b');
    nullLogger.warn('c');
    expect(write).not.toHaveBeenCalled();
  } finally {
    write.mockRestore();
  }
});
