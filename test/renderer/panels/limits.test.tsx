import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, expect, it, vi } from 'vitest';
import { MAX_BLOCK_BYTES, MAX_DATA_BYTES, MAX_TRANSACTION_TIME, MAX_TRANSACTIONS } from '../../../src/node/primitives/limits.ts';
import type { BlockDetail } from '../../../src/shared/blocks.ts';
import { IPC_LIMITS } from '../../../src/shared/ipc.ts';
import { toastManager, toasts } from '../../../src/renderer/app/toast-manager.ts';
import { addSample, type ByteSample } from '../../../src/renderer/app/status.ts';
import {
  MAX_CACHED_DETAILS,
  MAX_LISTED_TRANSACTIONS,
  MAX_SHOWN_DATA,
  TOAST_MS,
  WIRE_WINDOW_MS,
} from '../../../src/renderer/lib/limits.ts';
import { BlockFacts } from '../../../src/renderer/panels/block/BlockFacts.tsx';
import { blockJson } from '../../../src/renderer/panels/block/CopyMenu.tsx';
import { remember } from '../../../src/renderer/store/block-details.ts';
import { detailOf } from '../store/helpers.ts';

afterEach(() => vi.restoreAllMocks());

it('MAX_CACHED_DETAILS: what was looked at longest ago is let go first', () => {
  const cache = new Map<string, BlockDetail>();
  const all = Array.from({ length: MAX_CACHED_DETAILS }, (_, index) => detailOf(`b${index}`));
  for (const each of all) remember(cache, each);
  const [first, second] = all as [BlockDetail, BlockDetail];
  remember(cache, first);
  remember(cache, detailOf('one more'));
  expect(cache.size).toBe(MAX_CACHED_DETAILS);
  expect(cache.has(first.hash)).toBe(true);
  expect(cache.has(second.hash)).toBe(false);
});

it('MAX_LISTED_TRANSACTIONS: the rest is counted', () => {
  const one = (index: number) => ({ id: index.toString(16).padStart(64, '0'), kind: 'data' as const, dataText: '"x"', size: 10 });
  const show = (count: number): string => {
    const full = detailOf('b', { transactionCount: count, transactions: Array.from({ length: count }, (_, index) => one(index)) });
    return renderToStaticMarkup(<BlockFacts explained={false} block={full} detail={full} />);
  };
  expect(show(MAX_LISTED_TRANSACTIONS + 1).match(/<li>/g)).toHaveLength(MAX_LISTED_TRANSACTIONS);
  expect(show(MAX_LISTED_TRANSACTIONS + 1)).not.toContain('and 1 more');
  expect(show(MAX_LISTED_TRANSACTIONS + 4).match(/<li>/g)).toHaveLength(MAX_LISTED_TRANSACTIONS);
  expect(show(MAX_LISTED_TRANSACTIONS + 4)).toContain('and 3 more');
});

it('MAX_SHOWN_DATA: the rest of a long text is counted', () => {
  const show = (length: number): string => {
    const full = detailOf('b', { dataText: JSON.stringify('ä'.repeat(length)) });
    return renderToStaticMarkup(<BlockFacts explained={false} block={full} detail={full} />);
  };
  expect(show(MAX_SHOWN_DATA).match(/ä/g)).toHaveLength(MAX_SHOWN_DATA);
  expect(show(MAX_SHOWN_DATA)).not.toContain('more characters');
  expect(show(MAX_SHOWN_DATA + 5).match(/ä/g)).toHaveLength(MAX_SHOWN_DATA);
  expect(show(MAX_SHOWN_DATA + 5)).toContain('5 more characters');
});

it('IPC_LIMITS.clipboard: the largest block fits as JSON', () => {
  // As many transactions as there may be, and each byte of their data is one that JSON escapes twice.
  const escaped = (bytes: number): string => '\\'.repeat(bytes);
  const transactions = Array.from({ length: MAX_TRANSACTIONS }, () => ({
    id: 'f'.repeat(64),
    kind: 'data' as const,
    dataText: escaped(Math.floor(MAX_BLOCK_BYTES / MAX_TRANSACTIONS)),
    size: MAX_DATA_BYTES,
    time: MAX_TRANSACTION_TIME,
  }));
  const json = blockJson(detailOf('large', { dataText: escaped(MAX_DATA_BYTES), transactions }));
  expect(json.length).toBeGreaterThan(MAX_BLOCK_BYTES);
  expect(json.length).toBeLessThanOrEqual(IPC_LIMITS.clipboard);
});

it('data from other computers is drawn as text', () => {
  const full = detailOf('b', { dataText: JSON.stringify('<script>alert(1)</script>') });
  expect(renderToStaticMarkup(<BlockFacts explained={false} block={full} detail={full} />)).not.toContain('<script');
});

it('TOAST_MS: toasts go by themselves, errors stay', () => {
  const add = vi.spyOn(toastManager, 'add').mockReturnValue('id');
  toasts.info('a', 'b');
  toasts.warning('a', 'b', { id: 'one' });
  toasts.error('a', 'b');
  expect(add.mock.calls.map(([options]) => [options.type, options.timeout, options.id])).toEqual([
    ['info', TOAST_MS, undefined],
    ['warning', TOAST_MS, 'one'],
    ['error', 0, undefined],
  ]);
});

it('what passes can be taken away at once, errors cannot, and what has gone is not closed again', () => {
  let last = 0;
  const add = vi.spyOn(toastManager, 'add').mockImplementation(({ id }) => id ?? `given-${String((last += 1))}`);
  const close = vi.spyOn(toastManager, 'close').mockReturnValue(undefined);
  toasts.dismissPassing();
  close.mockClear();
  toasts.info('a', 'b');
  toasts.error('a', 'b', { id: 'bad' });
  toasts.warning('a', 'b', { id: 'turned' });
  toasts.error('a', 'b', { id: 'turned' });
  toasts.warning('a', 'b', { id: 'gone' });
  add.mock.lastCall?.[0].onRemove?.();
  toasts.dismissPassing();
  expect(close.mock.calls).toEqual([['given-1']]);
});

it('WIRE_WINDOW_MS: samples out of the window are dropped, but for the one that reaches across its edge', () => {
  let samples: ByteSample[] = [];
  for (let at = 0; at <= 60_000; at += 1000) samples = addSample(samples, { at, bytes: at }, WIRE_WINDOW_MS);
  expect(samples[0]?.at).toBe(60_000 - WIRE_WINDOW_MS);
});
