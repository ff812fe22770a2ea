import type { VerifyReport } from '../node/index.ts';

/** The report for a person: what was checked, then what is wrong. */
export function reportText(report: VerifyReport): string {
  const { counts, tip } = report;
  const rows: [string, number][] = [
    ['records', counts.records],
    ['headers', counts.headers],
    ['  of them in pages', counts.pagedHeaders],
    ['  of them without a body', counts.headersOnly],
    ['  of them marked invalid', counts.markedInvalid],
    ['proofs of work', counts.proofsOfWork],
    ['links to the block below', counts.links],
    ['bits against the schedule', counts.bits],
    ['times against the median', counts.times],
    ['bodies', counts.bodies],
    ['Merkle roots', counts.merkleRoots],
    ['transactions', counts.transactions],
    ['height map', counts.heights],
    ['transaction index', counts.indexedTransactions],
    ['index pages', counts.pages],
    ['side blocks', counts.sideBlocks],
    ['side branches', counts.sideBranches],
    ['known peers', counts.peers],
    ['metadata', counts.metadata],
    ['unknown records', counts.unknownRecords],
  ];
  const width = Math.max(...rows.map(([, n]) => n.toLocaleString('en').length));
  const megabytes = (counts.bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
  const lines = [
    `${report.dataDir}: ${report.network}, schema ${report.schema === undefined ? 'unknown' : String(report.schema)}, ${tip === undefined ? 'no tip' : `tip ${tip.height.toLocaleString('en')} ${tip.hash}`}`,
    `checked in ${report.seconds.toFixed(1)} s, ${megabytes} MB:`,
    ...rows.map(([name, n]) => `${n.toLocaleString('en').padStart(width + 2)}  ${name}`),
    ...report.notes.map((note) => `note: ${note}`),
    ...(report.locked ? [] : ['note: The directory cannot be written to, so it was not locked while it was read.']),
    ...report.faults.map((fault) => `fault (${fault.kind})${fault.height === undefined ? '' : ` at height ${fault.height.toLocaleString('en')}`}${fault.hash === undefined ? '' : ` ${fault.hash}`}: ${fault.message}`),
    ...(report.faultCount > report.faults.length ? [`and ${(report.faultCount - report.faults.length).toLocaleString('en')} more`] : []),
    report.faultCount === 0 ? 'No fault was found.' : `${report.faultCount.toLocaleString('en')} ${report.faultCount === 1 ? 'fault was' : 'faults were'} found. Nothing was changed: start the node, which repairs what it can and fetches the rest from peers.`,
  ];
  return `${lines.join('\n')}\n`;
}
