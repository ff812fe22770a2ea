import type { BlockKind } from './faces.ts';

/** Pictures of blocks, kept by what is on them: drawing one again is a copy. Holds at most `limit`, the last looked at. */

export class SpriteCache<T> {
  readonly #limit: number;
  readonly #drop: (sprite: T) => void;
  readonly #sprites = new Map<string, T>();
  #look = '';

  /** @param drop called with each picture that is no longer kept */
  constructor(limit: number, drop: (sprite: T) => void) {
    this.#limit = limit;
    this.#drop = drop;
  }

  get size(): number {
    return this.#sprites.size;
  }

  /** What all pictures have in common (theme, pixel ratio, fonts, whose node it is): a change of it makes all of them void. */
  setLook(look: string): void {
    if (look === this.#look) return;
    this.#look = look;
    for (const sprite of this.#sprites.values()) this.#drop(sprite);
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

  /** The picture of a key; drawn now when it is not there. */
  get(key: string, draw: () => T): T {
    const known = this.find(key);
    if (known !== undefined) return known;
    if (this.#sprites.size >= this.#limit) {
      const [oldest] = this.#sprites;
      if (oldest !== undefined) {
        this.#drop(oldest[1]);
        this.#sprites.delete(oldest[0]);
      }
    }
    const sprite = draw();
    this.#sprites.set(key, sprite);
    return sprite;
  }
}

/**
 * A picture of its own, to be copied. A bitmap: each copy of a canvas has the browser look first whether it was drawn on since, 10 us without a GPU, and a picture of the chain has a
 * hundred copies.
 * @param width and @param height in CSS pixels @param draw gets a context whose units they are
 */
export function drawBitmap(width: number, height: number, pixelRatio: number, draw: (context: OffscreenCanvasRenderingContext2D) => void): ImageBitmap {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * pixelRatio)), Math.max(1, Math.round(height * pixelRatio)));
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.scale(pixelRatio, pixelRatio);
    draw(context);
  }
  return canvas.transferToImageBitmap();
}

/**
 * Copies a picture of `drawBitmap` onto the screen's own pixels, one for one: where a CSS pixel is 1.25 or 1.6 of them, a copy at a place between two would be
 * mixed of both, and blurred. @param left and @param top in CSS pixels
 */
export function copyBitmap(context: CanvasRenderingContext2D, bitmap: ImageBitmap, left: number, top: number, pixelRatio: number): void {
  const snapped = (value: number): number => Math.round(value * pixelRatio) / pixelRatio;
  context.drawImage(bitmap, snapped(left), snapped(top), bitmap.width / pixelRatio, bitmap.height / pixelRatio);
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
