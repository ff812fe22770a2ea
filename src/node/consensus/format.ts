/** How numbers, times and hashes stand in the messages of rules. No locale: two nodes say the same. */

/** 1234567 → `1,234,567`. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Seconds since 1970 → `2026-01-01 00:00:00 UTC`. */
export function formatTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Seconds → `3 h 5 min`, `5 min 2 s`, `2 s`: the two largest parts that are not 0. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Compact target → `0x1e0fffff`. */
export function formatBits(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}

/** The first eight digits that tell a hash apart: `00000a1b…`. */
export function shortHash(hash: string): string {
  return `${hash.slice(0, 8)}…`;
}
