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

  /** The picture of a key; drawn now when it is not there. */
  get(key: string, draw: () => T): T {
    const known = this.#sprites.get(key);
    if (known !== undefined) {
      // Insertion order is the order of looks: the first is the one not looked at for longest.
      this.#sprites.delete(key);
      this.#sprites.set(key, known);
      return known;
    }
    const sprite = draw();
    this.#sprites.set(key, sprite);
    const oldest = this.#sprites.keys().next().value;
    if (this.#sprites.size > this.#limit && oldest !== undefined) this.#sprites.delete(oldest);
    return sprite;
  }
}

/** What tells two pictures of one look apart. The parent's hue belongs to the hash, and needs no place in the key. */
export interface SpriteSubject {
  face: string;
  kind: 'active' | 'stale' | 'invalid';
  selected: boolean;
  hash: string;
}

export function spriteKey({ face, kind, selected, hash }: SpriteSubject): string {
  return `${face} ${kind}${selected ? '+' : ''} ${hash}`;
}

/** The pictures' common look. */
export function lookOf(theme: string, pixelRatio: number, fontsLoaded: number, nodeId: string | undefined): string {
  return `${theme} ${pixelRatio} ${fontsLoaded} ${nodeId ?? ''}`;
}
