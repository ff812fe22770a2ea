/** Names and data come from strangers: what of them may be drawn, and how much. Always as plain text, never as markup. */
import { NAME_GRAPHEMES } from './limits.ts';

/** Control characters, lone surrogates, tags, and what turns or hides text: direction marks and zero-width characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;
/** Units that one visible sign may be made of; a letter under a tower of accents keeps its first. */
const GRAPHEME_UNITS = 16;

/** Most text is this; telling its signs apart needs no segmenter, which costs half a millisecond a line. */
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * One line of plain text, at most `limit` visible signs; a cut ends in "…". Line breaks, tabs and runs of spaces become one space.
 * Whoever shows it still wraps it in `<bdi>`, since a right-to-left name would reorder the words beside it.
 */
export function plainLine(text: string, limit: number): string {
  const clean = text
    .slice(0, limit * GRAPHEME_UNITS)
    .replace(/\s+/gu, ' ')
    .replace(UNPRINTABLE, '')
    .trim();
  let cut = text.length > limit * GRAPHEME_UNITS;
  if (PLAIN_ASCII.test(clean)) return cut || clean.length > limit ? `${clean.slice(0, limit).trimEnd()}…` : clean;
  const signs: string[] = [];
  for (const { segment } of segmenter.segment(clean)) {
    if (signs.length === limit) {
      cut = true;
      break;
    }
    signs.push(segment.length > GRAPHEME_UNITS ? ([...segment][0] ?? '') : segment);
  }
  return cut ? `${signs.join('').trimEnd()}…` : signs.join('');
}

/** A node's name as it is shown; `fallback` (its address) when nothing printable is left. */
export function shownName(name: string | undefined, fallback: string): string {
  const line = plainLine(name ?? '', NAME_GRAPHEMES);
  return line === '' ? plainLine(fallback, NAME_GRAPHEMES * 2) : line;
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'] as const;

/** A count at the head of a sentence: in words up to ten, then in digits. `0` gives `No`. */
export function countWord(count: number): string {
  return WORDS[count] ?? count.toLocaleString('en-US');
}

/** A count within a sentence. */
export function countInside(count: number): string {
  return countWord(count).toLowerCase();
}
