/** The table on the screen: what was measured, its goal, and whether it was met. */

export interface Row {
  part: string;
  what: string;
  measured: string;
  /** Empty for a figure that has no goal. */
  goal: string;
  met: boolean | null;
}

/** A figure with its goal. @param limit the measured value must not exceed it */
export function goalRow(part: string, what: string, value: number, limit: number, unit: string, note = ''): Row {
  return { part, what, measured: `${shown(value)} ${unit}${note}`, goal: `at most ${shown(limit)} ${unit}`, met: Number.isFinite(value) && value <= limit };
}

/** A figure that should be high. @param limit the measured value must reach it */
export function atLeastRow(part: string, what: string, value: number, limit: number, unit: string, note = ''): Row {
  return { part, what, measured: `${shown(value)} ${unit}${note}`, goal: `at least ${shown(limit)} ${unit}`, met: Number.isFinite(value) && value >= limit };
}

export function plainRow(part: string, what: string, measured: string): Row {
  return { part, what, measured, goal: '', met: null };
}

/** Two digits that say something; whole numbers stay whole. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

const verdict = (met: boolean | null): string => (met === null ? '' : met ? 'met' : 'MISSED');

/** The rows as text, the columns as wide as they need to be; the part is named once. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ part, what, measured, goal, met }, index) => [rows[index - 1]?.part === part ? '' : part, what, measured, goal, verdict(met)]);
  const all = [['', '', 'measured', 'goal', ''], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}
