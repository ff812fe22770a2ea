import type { BlockKind } from './faces.ts';

/** Pictures of blocks, kept by what is on them: drawing one again is a copy. Holds at most `limit`, the last looked at. */

export class SpriteCache<T> {
  readonly #limit: number;
  readonly #sprites = new Map<string, T>();
  #look = '';

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#sprites.size;
  }

  /** What all pictures have in common (theme, pixel ratio, fonts, whose node it is): a change of it makes all of them void. */
  setLook(look: string): void {
    if (look === this.#look) return;
    this.#look = look;
    this.#sprites.clear();
  }

  /** The picture of a key, if it is there. */
  find(key: string): T | undefined {
    const known = this.#sprites.get(key);
    if (known === undefined) return undefined;
    // Insertion order is the order of looks: the first is the one not looked at for longest.
    this.#sprites.delete(key);
    this.#sprites.set(key, known);
    return known;
  }

  /**
   * The picture of a key; drawn now when it is not there.
   *
   * @param draw gets the picture that makes room for it, when one must: its canvas may be drawn over.
   */
  get(key: string, draw: (old: T | undefined) => T): T {
    const known = this.find(key);
    if (known !== undefined) return known;
    let old: T | undefined;
    if (this.#sprites.size >= this.#limit) {
      const oldest = this.#sprites.keys().next().value ?? '';
      old = this.#sprites.get(oldest);
      this.#sprites.delete(oldest);
    }
    const sprite = draw(old);
    this.#sprites.set(key, sprite);
    return sprite;
  }
}

/** What tells two pictures of one look apart. The parent's hue and the finder belong to the hash, and need no place in the key. */
export interface SpriteSubject {
  face: string;
  kind: BlockKind;
  selected: boolean;
  /** Whether the finder's mark is on it: it comes later than the seal. */
  finder: boolean;
  /** The last 16 digits of the hash: more is not on the picture. */
  tail: string;
}

export function spriteKey({ face, kind, selected, finder, tail }: SpriteSubject): string {
  return `${face} ${kind}${selected ? '+' : ''}${finder ? '*' : ''} ${tail}`;
}

/** The pictures' common look. */
export function lookOf(theme: string, pixelRatio: number, fontsLoaded: number, nodeId: string | undefined): string {
  return `${theme} ${pixelRatio} ${fontsLoaded} ${nodeId ?? ''}`;
}
