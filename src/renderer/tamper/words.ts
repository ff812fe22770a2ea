/** What is said about a changed copy of a block. Pure. */
import type { TamperReport } from '../../shared/tamper.ts';
import { formatCount, formatDuration, formatNumber, plural } from '../lib/format.ts';

export interface FaultLine {
  /** The rule's code. */
  rule: string;
  text: string;
  /** What the rule asks for and what came, for those who want to know. */
  title: string;
}

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

/** `Block 1,313 names the old hash: 5 blocks no longer follow.` */
function childText(height: number, blocksAbove: number): string {
  const names = `Block ${formatNumber(height)} names the old hash`;
  return blocksAbove > 1 ? `${names}: ${formatNumber(blocksAbove)} blocks no longer follow.` : `${names} and no longer follows.`;
}

/** One line for each broken rule, in the order of the report. */
export function faultLines(report: TamperReport): FaultLine[] {
  return report.faults.map(({ step, height, violation: { rule, expected, got, message } }) => {
    const title = `${rule}: ${expected} expected, ${got} came`;
    if (step === 'child') return { rule, text: childText(height, report.blocksAbove), title };
    if (step === 'old-header' && rule === 'bad-merkle-root') return { rule, text: 'With its old header the data does not match.', title };
    return { rule, text: sentence(step === 'copy' && rule === 'high-hash' ? `with a new one ${message}` : message), title };
  });
}

/** What else is worth knowing, when it is. */
export function remarkOf({ height, blocksAbove, faults, zeroBits }: TamperReport): string {
  const parts: string[] = [];
  if (!faults.some(({ step, violation }) => step === 'copy' && violation.rule === 'high-hash')) parts.push(`By luck its new hash is low enough, with ${plural(zeroBits, 'zero bit')}.`);
  if (height === 0) parts.push('Nodes with another first block are another network.');
  else if (blocksAbove === 0) parts.push('No block stands on it yet.');
  return parts.join(' ');
}

/** What it would take to make everything fit again, and how long here. */
export function costText({ blocksAbove, cost }: TamperReport): string {
  const { hashes, hashesAbove, hashRate } = cost;
  const all = hashes + hashesAbove;
  if (all === 0) return 'To forge it: nothing more to find.';
  const blocks = blocksAbove === 1 ? 'the block' : `the ${formatNumber(blocksAbove)} blocks`;
  const here = hashes === 0 ? '' : `${formatCount(hashes)} tries for this block`;
  const above = hashesAbove === 0 ? '' : `${formatCount(hashesAbove)} ${here === '' ? 'tries ' : ''}for ${blocks} after it`;
  const time = hashRate === undefined || hashRate <= 0 ? '' : `, ${formatDuration((all / hashRate) * 1000)} on this computer`;
  return `To forge it: about ${[here, above].filter((part) => part !== '').join(' and ')}${time}.`;
}

/** For screen readers, in one go. */
export function spokenOf(report: TamperReport): string {
  const lines = faultLines(report).map(({ text }) => text);
  return [`Block ${formatNumber(report.height)} changed.`, ...lines, remarkOf(report), 'Your chain is unchanged.'].filter((text) => text !== '').join(' ');
}

/** The sentence for a room. */
export function headlineOfTamper({ height, blocksAbove, faults }: TamperReport): string {
  const name = `Block ${formatNumber(height)} was changed`;
  const child = faults.find(({ step }) => step === 'child');
  if (child === undefined) return `${name}: its hash is another one`;
  return blocksAbove > 1 ? `${name}: ${formatNumber(blocksAbove)} blocks no longer follow` : `${name}: block ${formatNumber(child.height)} no longer follows`;
}

/** What stands below it. */
export function detailOfTamper(report: TamperReport): string {
  const { violation } = report.faults.find(({ step, violation: { rule } }) => step === 'copy' && rule === 'high-hash') ?? {};
  const own = violation === undefined ? 'By luck its new hash is low enough.' : sentence(violation.message);
  return `${own} It is a copy: your chain is unchanged.`;
}
