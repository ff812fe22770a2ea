/**
 * A peer's text as it may be shown: without control and format characters (they could move the cursor or turn the reading direction),
 * and cut to `limit` code points.
 */
export function cleanText(text: string, limit: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu, '').trim();
  const points = [...clean];
  return points.length > limit ? `${points.slice(0, limit - 1).join('')}…` : clean;
}

/** The longest beginning of `text` that takes at most `bytes` bytes of UTF-8. */
export function cutToBytes(text: string, bytes: number): string {
  let size = 0;
  let end = 0;
  for (const point of text.replace(/\p{Surrogate}/gu, '?')) {
    size += Buffer.byteLength(point);
    if (size > bytes) break;
    end += point.length;
  }
  return text.replace(/\p{Surrogate}/gu, '?').slice(0, end);
}

/** Lets timers, sockets and other work have a turn. */
export function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
