/**
 * A changed copy of one block: what was typed, and what the node says of it. Outside the panel, since the chain, the table and the presentation show it
 * too. The copy lives in the node's answers only; the chain is what it was.
 */
import { create } from 'zustand';
import type { HashHex } from '../../shared/blocks.ts';
import type { ApiErrorShape } from '../../shared/node-api.ts';
import type { TamperReport } from '../../shared/tamper.ts';
import { client, toApiError } from '../lib/client.ts';
import { readData } from '../lib/data-text.ts';
import { FOLLOW_MS } from '../lib/limits.ts';
import { choosing, select, useNode, useUi } from '../store/index.ts';

/** What the chain shows of it: the block, the hash of its copy, and whether it is on the active chain. */
export interface Change {
  readonly hash: HashHex;
  readonly height: number;
  readonly newHash: HashHex;
  readonly active: boolean;
}

export interface TamperTarget {
  readonly hash: HashHex;
  readonly height: number;
  /** The exact JSON text of the block's data, and what the field shows of it: the content of a JSON string, or else the text itself. */
  readonly dataText: string;
  readonly shown: string;
  readonly isText: boolean;
  /** The headline tells of it, as in a presentation. */
  readonly told: boolean;
}

interface TamperState {
  target: TamperTarget | null;
  text: string;
  /** The last answer; null while nothing is changed. It may be to the text before this one. */
  report: TamperReport | null;
  /** The same object for as long as the chain shows the same. */
  change: Change | null;
  /** Why the text cannot be data of a block, or why there is no answer. */
  problem: ApiErrorShape | null;
}

const NONE: TamperState = { target: null, text: '', report: null, change: null, problem: null };
export const useTamper = create<TamperState>()(() => NONE);

/** Counts beginnings and ends: an answer to an earlier one is not wanted any more. */
let turn = 0;
let asking = false;
/** Something changed since the question that is under way. */
let again = false;
let later: ReturnType<typeof setTimeout> | undefined;

/** The JSON text that the copy carries: untouched text is the block's own, to the byte. */
function dataTextOf({ dataText, shown, isText }: TamperTarget, text: string): string {
  if (text === shown) return dataText;
  return isText ? JSON.stringify(text) : text;
}

/** The copy, once the node has said something of it. */
export function copyOf({ report, text }: Pick<TamperState, 'report' | 'text'>): { report: TamperReport; text: string } | null {
  return report === null ? null : { report, text };
}

const sameChange = (a: Change | null, b: Change): boolean => a !== null && a.hash === b.hash && a.newHash === b.newHash && a.active === b.active;

function take(report: TamperReport): void {
  const { hash, height, newHash, branch } = report;
  const change = { hash, height, newHash, active: branch === 'active' };
  const { change: before } = useTamper.getState();
  useTamper.setState({ report, change: sameChange(before, change) ? before : change, problem: null });
}

/** One question at a time, always ending with one about the latest text: that is as quick as the node is, and never floods it. */
async function ask(): Promise<void> {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    const { target, text } = useTamper.getState();
    if (target === null) break;
    if (text === target.shown) {
      useTamper.setState({ report: null, change: null, problem: null });
      continue;
    }
    const mine = turn;
    try {
      const report = await client().tamper({ block: target.hash, dataText: dataTextOf(target, text) });
      if (mine !== turn) continue;
      // Gone or damaged: the panel says so for the block itself.
      if (report === null) restore();
      else if (report.changed) take(report);
      else useTamper.setState({ report: null, change: null, problem: null });
    } catch (thrown) {
      if (mine === turn) useTamper.setState({ problem: toApiError(thrown) });
    }
  }
  asking = false;
}

/**
 * Begins with a copy of a block (of the active chain, by its height), which is chosen and so stays in sight. Resolves when its data is there, and is changed if `change` says how;
 * does nothing when the block cannot be had: whoever shows it says why. `begins` is told just before it is chosen.
 */
export async function beginTamper(
  ref: HashHex | number,
  { change, told = false, begins }: { change?: (shown: string) => string; told?: boolean; begins?: (hash: HashHex) => void } = {},
): Promise<void> {
  const mine = (turn += 1);
  const isLast = choosing();
  const block = await client()
    .getBlock(ref)
    .catch(() => null);
  if (block === null || mine !== turn || !isLast()) return;
  begins?.(block.hash);
  select(block.hash, block.height);
  const { text: shown, isText } = readData(block.dataText);
  useTamper.setState({ ...NONE, target: { hash: block.hash, height: block.height, dataText: block.dataText, shown, isText: isText || change !== undefined, told }, text: change?.(shown) ?? shown });
  await ask();
}

export function setTamperText(text: string): void {
  useTamper.setState({ text });
  void ask();
}

/** The copy is thrown away; everything is shown as it is. */
export function restore(): void {
  turn += 1;
  clearTimeout(later);
  later = undefined;
  if (useTamper.getState().target !== null) useTamper.setState(NONE);
}

/** Ends it when its block is left or changes its branch, and asks anew when blocks join above it. Returns the undo function. */
export function watchTamper(): () => void {
  const leave = useUi.subscribe(({ selectedHash }) => {
    const { target } = useTamper.getState();
    if (target !== null && selectedHash !== target.hash) restore();
  });
  const follow = useNode.subscribe((state, before) => {
    const { target } = useTamper.getState();
    if (target === null) return;
    if (state.lastReorg !== before.lastReorg) {
      const { disconnected = [], connected = [] } = state.lastReorg?.value ?? {};
      if ([...disconnected, ...connected].includes(target.hash)) {
        restore();
        return;
      }
    }
    if (state.chain?.tip.hash === before.chain?.tip.hash && state.chain?.blockCount === before.chain?.blockCount) return;
    later ??= setTimeout(() => {
      later = undefined;
      void ask();
    }, FOLLOW_MS);
  });
  return () => {
    leave();
    follow();
    restore();
  };
}
