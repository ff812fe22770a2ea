/** What the detail panel says about a block. Pure. */
import type { BlockCheck, BlockDetail, BlockSummary, CheckStage } from '../../../shared/blocks.ts';
import { formatDuration, formatNumber } from '../../lib/format.ts';

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

/** The answer of a check that was asked for; null when the block is gone or damaged on disk, undefined while it is not there yet. */
export type CheckAnswer = BlockCheck | null | undefined;

/** The sentence beside the checks: who checked, and how long it took. */
export function checkedBy(detail: BlockDetail, check: CheckAnswer): string {
  if (detail.origin === 'genesis') return 'built into this network';
  if (check === null) return 'damaged on disk, asked for again';
  return check === undefined ? '' : `checked by this node in ${formatShort(check.ms)}`;
}

const STAGES: Record<CheckName, CheckStage> = { Work: 'work', Parent: 'parent', 'Data hash': 'data', Time: 'time' };

/** How long one of the checks took, in words; empty when that is not known. */
export function timeOf(name: CheckName, check: CheckAnswer): string {
  const ms = check?.times[STAGES[name]];
  return ms === undefined ? '' : formatShort(ms);
}

/** What stands behind `checkedBy`: the block was read again, and by which steps. */
export function checkedHow(check: CheckAnswer): string {
  if (check === null || check === undefined) return '';
  const steps = CHECKS.flatMap((name) => {
    const time = timeOf(name, check);
    return time === '' ? [] : [`${name.toLowerCase()} ${time}`];
  });
  const read = check.times.read === undefined ? '' : ` in ${formatShort(check.times.read)}`;
  return `Read from disk just now${read} and checked again: ${steps.join(', ')}.`;
}

/** The checks of one block take microseconds. */
function formatShort(ms: number): string {
  return ms < 0.1 ? `${formatNumber(Math.max(1, Math.round(ms * 1000)))} µs` : formatDuration(ms);
}

/** The child that "next" goes to: the one on the active chain, or else the first. */
export function nextOf(detail: BlockDetail): string | null {
  return (detail.children.find(({ branch }) => branch === 'active') ?? detail.children[0])?.hash ?? null;
}
