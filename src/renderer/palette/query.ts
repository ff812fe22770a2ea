/** What the palette's text asks for, and how well a name answers it. Pure. */
import { MAX_FIND_TEXT, MIN_FIND_TEXT } from '../lib/limits.ts';

/** `run`: everything; `find`: the data of blocks only; `height`: a height only. */
export type PaletteMode = 'run' | 'find' | 'height';

export interface Query {
  /** What commands and peers are matched with; null when they are not asked for. */
  commands: string | null;
  peers: string | null;
  height: number | null;
  /** Lower-case hex digits of a hash, from its beginning or its end. */
  hash: string | null;
  /** Words to look for in the data of blocks. */
  text: string | null;
}

const NOTHING: Query = { commands: null, peers: null, height: null, hash: null, text: null };
const MAX_HEIGHT = 0xffff_ffff;

/** `1312`, `1,312` and `#1312`; null for anything else. */
export function parseHeight(text: string): number | null {
  if (!/^#?(\d+|\d{1,3}(,\d{3})+)$/.test(text)) return null;
  const height = Number(text.replace(/[#,]/g, ''));
  return height <= MAX_HEIGHT ? height : null;
}

function parseText(text: string): string | null {
  return text.length >= MIN_FIND_TEXT ? text.slice(0, MAX_FIND_TEXT) : null;
}

/**
 * Reads the palette's text: `1312` is a height, four or more hex digits are a part of a hash, `@` looks for a peer, `>` for a
 * command, and whatever else for all of them and for data. The same text may be several of these.
 */
export function parseQuery(input: string, mode: PaletteMode): Query {
  // The link that the block's panel copies is a hash with a path before it.
  const text = input.trim().replace(/^#\/block\/(?=[0-9a-f]{64}$)/, '');
  if (mode === 'height') return { ...NOTHING, height: parseHeight(text) };
  if (mode === 'find') return { ...NOTHING, text: parseText(text) };
  if (text.startsWith('>')) return { ...NOTHING, commands: text.slice(1).trim() };
  if (text.startsWith('@')) return { ...NOTHING, peers: text.slice(1).trim() };
  return {
    commands: text,
    peers: text === '' ? null : text,
    height: parseHeight(text),
    hash: /^[0-9a-f]{4,64}$/i.test(text) ? text.toLowerCase() : null,
    text: parseText(text),
  };
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

/** The rank of a name that has what was typed in the middle of its words. */
const IN_THE_MIDDLE = 4;

/**
 * How well `name` (or one of its other `words`) answers what was typed: 0 is best, null is not at all. Nothing typed is answered
 * by everything.
 */
export function rank(typed: string, name: string, words = ''): number | null {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return typed.trim() === '' ? 0 : null;
  const lower = name.toLowerCase();
  if (lower === typed.toLowerCase().trim()) return 0;
  if (lower.startsWith(typed.toLowerCase().trim())) return 1;
  const own = wordsOf(name);
  if (wanted.every((want) => own.some((word) => word.startsWith(want)))) return 2;
  const all = [...own, ...wordsOf(words)];
  if (wanted.every((want) => all.some((word) => word.startsWith(want)))) return 3;
  return wanted.every((want) => lower.includes(want)) ? IN_THE_MIDDLE : null;
}

/** What an item is found by. */
export interface Named {
  name: string;
  words?: string;
  /** Only by the beginnings of its words. */
  byBeginnings?: true;
}

/** The best answers first, equally good ones in the order given; at most `most`. */
export function rankAll<T>(typed: string, all: readonly T[], nameOf: (item: T) => Named, most: number): T[] {
  const ranked: { item: T; score: number }[] = [];
  for (const item of all) {
    const { name, words, byBeginnings } = nameOf(item);
    const score = rank(typed, name, words);
    if (score !== null && !(byBeginnings === true && score === IN_THE_MIDDLE)) ranked.push({ item, score });
  }
  return ranked
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ item }) => item);
}
