/** What the detail panel says about a block. Pure. */
import type { BlockDetail, BlockSummary } from '../../../shared/blocks.ts';
import { formatNumber } from '../../lib/format.ts';

export interface Badge {
  text: string;
  tone: 'ok' | 'mine' | 'bad';
}

/** Where the block stands. `tipHeight` is the active chain's. */
export function badgeOf(block: BlockSummary, tipHeight: number, rule?: string): Badge {
  if (block.branch === 'invalid') return { text: rule === undefined ? 'invalid' : `invalid: ${rule}`, tone: 'bad' };
  if (block.branch === 'side') return { text: 'stale branch', tone: 'mine' };
  const onTop = tipHeight - block.height;
  return { text: onTop <= 0 ? 'active chain, the tip' : `active chain, ${formatNumber(onTop)} on top`, tone: 'ok' };
}

export type CheckName = 'Work' | 'Parent' | 'Data hash' | 'Time';
export const CHECKS: readonly CheckName[] = ['Work', 'Parent', 'Data hash', 'Time'];

/** Which of the four checks a broken rule belongs to; null for the others (sizes, counts, coinbase). */
export function checkOfRule(rule: string): CheckName | null {
  if (/^(high-hash|bad-bits|bad-difficulty|pow)/.test(rule)) return 'Work';
  if (/prev|ancestor|parent/.test(rule)) return 'Parent';
  if (/merkle/.test(rule)) return 'Data hash';
  if (/^time/.test(rule)) return 'Time';
  return null;
}

/** The sentence beside the checks: who checked, and how long it took. */
export function checkedBy(detail: BlockDetail, duration: (ms: number) => string): string {
  if (detail.origin === 'genesis') return 'built into this network';
  if (detail.checkMs !== undefined) return `checked by this node in ${duration(detail.checkMs)}`;
  return 'checked by this node earlier';
}

/** A JSON string's content, or else the JSON text itself; `isText` tells which. Broken JSON is shown as it is. */
export function readData(dataText: string): { text: string; isText: boolean } {
  try {
    const value: unknown = JSON.parse(dataText);
    if (typeof value === 'string') return { text: value, isText: true };
  } catch {
    // Shown as it came.
  }
  return { text: dataText, isText: false };
}

/** The child that "next" goes to: the one on the active chain, or else the first. */
export function nextOf(detail: BlockDetail): string | null {
  return (detail.children.find(({ branch }) => branch === 'active') ?? detail.children[0])?.hash ?? null;
}
