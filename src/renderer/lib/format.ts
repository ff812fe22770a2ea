/** Numbers and times as this product writes them. Fixed to one locale so that every window and every test reads the same. */

const LOCALE = 'en-US';
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `1317` → `1,317`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

export interface Scaled {
  value: string;
  /** '', 'k', 'M', 'G'… */
  unit: string;
}

/** Three digits at most and a scale: 1240000 → 1.24, M. */
function scale(value: number, units: readonly string[], base = 1000): Scaled {
  let scaled = value;
  let step = 0;
  // 999.6 would round to 1,000 of the smaller unit.
  while (step < units.length - 1 && Math.abs(scaled) >= base - 0.5) {
    scaled /= base;
    step += 1;
  }
  const digits = step === 0 || Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return { value: scaled.toFixed(digits), unit: units[step] ?? '' };
}

/** Counts of hashes and rates: `451904` → `452 K`, `1050000` → `1.05 M`. */
export function formatCount(value: number): string {
  const { value: text, unit } = scaleCount(value);
  return unit === '' ? text : `${text} ${unit}`;
}

export function scaleCount(value: number): Scaled {
  return scale(value, ['', 'K', 'M', 'G', 'T', 'P', 'E']);
}

const WORK_WORDS = ['', 'thousand', 'million', 'billion', 'trillion', 'quadrillion', 'quintillion'] as const;

/** Total work in words: `1400000000` → `1.4 billion`. Takes hexadecimal chainwork, whose numbers pass 2^53. */
export function formatWork(chainworkHex: string): string {
  const work = Number(BigInt(`0x${chainworkHex === '' ? '0' : chainworkHex}`));
  if (work < 10_000) return formatNumber(work);
  let scaled = work;
  let step = 0;
  while (scaled >= 999.5 && step < WORK_WORDS.length - 1) {
    scaled /= 1000;
    step += 1;
  }
  const text = scaled >= 99.95 ? formatNumber(scaled) : scaled.toFixed(1);
  return `${text} ${WORK_WORDS[step]}`;
}

/** `48200` → `48.2 kB` (decimal units, as disks and networks count). */
export function formatBytes(bytes: number): string {
  const { value, unit } = scale(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);
  // One decimal is enough for bytes: `3.1 kB`, not `3.12 kB`.
  const short = unit !== 'B' && value.includes('.') ? Number(value).toFixed(1) : value;
  return `${short} ${unit}`;
}

/** `3200` → `3.2 kB/s`. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** From here on a length of time is told in days. */
const LONGEST_HOURS = 48;

/** A length of time: `0.2 ms`, `12 ms`, `1.4 s`, `3 min`, `2 h`, `3 days`; `secondDigits` for seconds under ten. */
export function formatDuration(ms: number, secondDigits = 1): string {
  // The unit is chosen by what is shown, so that nothing reads "1000 ms".
  const digits = (value: number, count: number): number => Number(value.toFixed(count));
  if (digits(ms, 1) < 10) return `${ms < 0.1 ? '< 0.1' : ms.toFixed(1)} ms`;
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (digits(seconds, secondDigits) < 10) return `${seconds.toFixed(secondDigits)} s`;
  if (Math.round(seconds) < 90) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (Math.round(minutes) < 90) return `${Math.round(minutes)} min`;
  const hours = Math.round(minutes / 60);
  return hours < LONGEST_HOURS ? `${hours} h` : plural(Math.round(hours / 24), 'day');
}

/** `4` → `4 ms`; a ping on one machine takes well under 1 ms. */
export function formatLatency(ms: number): string {
  if (ms < 1) return '< 1 ms';
  return ms < 1000 ? `${formatNumber(ms)} ms` : formatDuration(ms);
}

/** Time of day of seconds since 1970: `14:31:13`. */
export function formatTime(seconds: number): string {
  return clock.format(seconds * 1000);
}

/** `23 Nov 2026, 14:31:13`. */
export function formatDateTime(seconds: number): string {
  return `${day.format(seconds * 1000)}, ${clock.format(seconds * 1000)}`;
}

/**
 * For where there is little room: `at 14:31:13` today, `on 23 Nov, 14:31` this year, `on 23 Nov 2025` before. `now` in ms.
 */
export function formatWhen(seconds: number, now: number): string {
  const date = new Date(seconds * 1000);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return `at ${formatTime(seconds)}`;
  return date.getFullYear() === today.getFullYear() ? `on ${dayOfYear.format(date)}, ${formatTime(seconds).slice(0, 5)}` : `on ${day.format(date)}`;
}

/** `1 block`, `2 blocks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** `A`, `A and B`, `A, B and C`. */
export function listOf(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
