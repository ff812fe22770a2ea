import { PREVIEW_CODE_POINTS } from './limits.ts';

const LONE_SURROGATES = /\p{Surrogate}/gu;

/** The content of a JSON string; any other text as it is. Never throws. */
export function readableData(dataText: string): string {
  if (!/^[\t\n\r ]*"/.test(dataText)) return dataText;
  try {
    const value: unknown = JSON.parse(dataText);
    return typeof value === 'string' ? value : dataText;
  } catch {
    return dataText;
  }
}

/**
 * The data for people: a JSON string's content, or else the JSON text, cut to PREVIEW_CODE_POINTS code points. Halves of
 * surrogate pairs (a JSON text may escape them) become U+FFFD. Never throws.
 */
export function previewData(dataText: string): { text: string; truncated: boolean } {
  const all = readableData(dataText);
  // A code point takes at most two units, so nothing behind this slice can be part of the preview.
  const points = Array.from(all.slice(0, 2 * PREVIEW_CODE_POINTS + 2));
  const text = points.slice(0, PREVIEW_CODE_POINTS).join('').replace(LONE_SURROGATES, '\ufffd');
  return { text, truncated: points.length > PREVIEW_CODE_POINTS };
}
