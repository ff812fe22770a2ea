/** The theme's colours as a canvas takes them: read from the same tokens that style everything else. */

export interface Palette {
  readonly stage: string;
  readonly tile: string;
  readonly tileLine: string;
  readonly line: string;
  readonly control: string;
  readonly text: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly mine: string;
  readonly bad: string;
  readonly glow: string;
  readonly fontUi: string;
  readonly fontMono: string;
  /** The active chain's band, in its middle and at its tip. */
  readonly bandMiddle: string;
  readonly bandEnd: string;
  readonly sealOff: number;
  /** A hue as a seal's colour. */
  readonly seal: (hue: number) => string;
  /** A hue as an avatar's fill and outline. */
  readonly idFill: (hue: number) => string;
  readonly idLine: (hue: number) => string;
}

/** Reads the tokens that hold for `element` now. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const oklch = (name: string): ((hue: number) => string) => {
    const lightness = token(`${name}-l`);
    const chroma = token(`${name}-c`);
    // A seal's hues are 24, its second ones 360 at most: built once, not once a block and frame.
    const known = new Map<number, string>();
    return (hue) => {
      let color = known.get(hue);
      if (color === undefined) known.set(hue, (color = `oklch(${lightness} ${chroma} ${hue})`));
      return color;
    };
  };
  return {
    stage: token('stage'),
    tile: token('tile'),
    tileLine: token('tile-line'),
    line: token('line'),
    control: token('control'),
    text: token('text'),
    text2: token('text2'),
    text3: token('text3'),
    accent: token('accent'),
    mine: token('mine'),
    bad: token('bad'),
    glow: token('glow'),
    fontUi: token('font-ui'),
    fontMono: token('font-mono'),
    bandMiddle: thin(token('accent'), 0.05),
    bandEnd: thin(token('accent'), 0.1),
    sealOff: Number(token('seal-off')),
    seal: oklch('seal'),
    idFill: oklch('id-fill'),
    idLine: oklch('id-line'),
  };
}

/** A colour thinned to a share of itself. @param share 0 to 1. */
export function thin(color: string, share: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(share * 100)}%, transparent)`;
}
