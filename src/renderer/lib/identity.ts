import type { HashHex } from '../../shared/blocks.ts';

/** The shapes of avatars. The hexagon is kept for this node, so that "you" can be found without reading. */
export type AvatarShape = 'hexagon' | 'circle' | 'square' | 'diamond' | 'triangle' | 'pentagon' | 'shield' | 'drop';

export interface Identity {
  shape: AvatarShape;
  /** One upper-case letter. */
  letter: string;
  /** Hue in degrees, for the --id-* tokens. */
  hue: number;
}

/** By the letter's place in the alphabet, so that neighbours in a row of names never look alike; seven shapes and eight hues meet again after 56. */
const OTHER_SHAPES: readonly AvatarShape[] = ['drop', 'circle', 'square', 'diamond', 'triangle', 'pentagon', 'shield'];
/** Far enough apart to be told apart side by side; 255 is yours. */
const OTHER_HUES: readonly number[] = [195, 150, 310, 60, 20, 100, 345, 285];
const OWN_HUE = 255;

/** FNV-1a over UTF-16 units: spreads short ids evenly; identity only, proves nothing. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV leaves its low bits poorly mixed for ids that differ only at their end.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function letterOf(name: string): string {
  const first = [...name.trim()].find((char) => /[\p{L}\p{N}]/u.test(char));
  return first === undefined ? '?' : first.toLocaleUpperCase('en').slice(0, 2);
}

/**
 * The avatar of a node: the same in every window for everybody but oneself. `id` is the node's id; where it is not known
 * yet (a peer that was never reached) its address stands in.
 */
export function identityOf(id: string, name: string, isYou = false): Identity {
  const letter = letterOf(name);
  if (isYou) return { shape: 'hexagon', letter, hue: OWN_HUE };
  const place = /^[A-Z]$/.test(letter) ? letter.charCodeAt(0) - 65 : spread(id) % 56;
  // Two nodes of one name differ in hue as often as not: the letter gives one of two hues, the id says which.
  const half = (spread(id) & 1) * (OTHER_HUES.length / 2);
  return {
    shape: OTHER_SHAPES[place % OTHER_SHAPES.length] ?? 'circle',
    letter,
    hue: OTHER_HUES[(place + half) % OTHER_HUES.length] ?? 150,
  };
}

/** The last digits of a hash: the first ones are zeros in every block and tell nothing apart. */
export function hashEnding(hash: HashHex, digits = 4): string {
  return hash.slice(-digits);
}
