/**
 * OKLCH to sRGB, and contrast. Sources: Björn Ottosson, "A perceptual color space for image processing" (2020); WCAG 2.2,
 * relative luminance and contrast ratio. Needed where CSS cannot answer: contrast in tests, and drawing outside the DOM.
 */

/** Red, green and blue, 0 to 1 each, gamma-encoded sRGB. */
export type Rgb = readonly [number, number, number];

const encode = (linear: number): number => (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
const decode = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const clip = (value: number): number => Math.min(1, Math.max(0, value));

/**
 * @param lightness 0 to 1, @param chroma 0 to about 0.37, @param hue degrees.
 * Colours outside sRGB are clipped per channel, as Chromium paints them.
 */
export function oklchToRgb(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  const a = chroma * Math.cos(angle);
  const b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    clip(encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
    clip(encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
    clip(encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)),
  ];
}

/** `#rrggbb` or `rrggbb` to sRGB; throws a RangeError on anything else. */
export function hexToRgb(hex: string): Rgb {
  const match = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (match === null) throw new RangeError(`Not a colour of six hex digits: ${hex}`);
  const channel = (index: number): number => Number.parseInt(match[index] ?? '0', 16) / 255;
  return [channel(1), channel(2), channel(3)];
}

/** Relative luminance (WCAG 2.2), 0 to 1. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * decode(red) + 0.7152 * decode(green) + 0.0722 * decode(blue);
}

/** Contrast ratio (WCAG 2.2), 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((x, y) => x - y) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}
