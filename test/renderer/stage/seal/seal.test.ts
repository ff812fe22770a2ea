import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, hexToRgb, oklchToRgb } from '../../../../src/renderer/stage/seal/oklch.ts';
import {
  glyphPaths,
  GLYPH_SIDE,
  HUE_STEP_DEGREES,
  HUE_STEPS,
  hueOf,
  SEAL_CACHE_LIMIT,
  sealCacheSize,
  sealOf,
} from '../../../../src/renderer/stage/seal/seal.ts';
import { inventHash } from '../visual/world.ts';

const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });

describe('sealOf', () => {
  it('is made of the end of the hash: the zeros in front change nothing', () => {
    const end = '25b5675642bf6f';
    const one = sealOf(end.padStart(64, '0'));
    const other = sealOf(end.padStart(64, 'f'));
    expect(other).toEqual(one);
  });

  it('reads the own hue from the last two bytes', () => {
    expect(hueOf('0'.repeat(64))).toBe(0);
    expect(hueOf(`${'0'.repeat(60)}0001`)).toBe(15);
    expect(hueOf(`${'0'.repeat(60)}0017`)).toBe(345);
    expect(hueOf(`${'0'.repeat(60)}0018`)).toBe(0);
    expect(hueOf(`${'0'.repeat(60)}0100`)).toBe((256 % 24) * 15);
  });

  it('keeps to 24 hues, a second hue well apart, and a mirrored glyph, for any hash', () => {
    fc.assert(
      fc.property(hash, (text) => {
        const seal = sealOf(text);
        expect(seal.hue % HUE_STEP_DEGREES).toBe(0);
        expect(seal.hue).toBeLessThan(360);
        const apart = (seal.hueEnd - seal.hue + 360) % 360;
        expect(apart).toBeGreaterThanOrEqual(60);
        expect(apart).toBeLessThanOrEqual(135);
        expect(seal.cells).toHaveLength(GLYPH_SIDE * GLYPH_SIDE);
        for (let row = 0; row < GLYPH_SIDE; row += 1) {
          const cells = seal.cells.slice(row * GLYPH_SIDE, (row + 1) * GLYPH_SIDE);
          expect([...cells].reverse()).toEqual(cells);
        }
      }),
    );
  });

  it('spreads: a thousand hashes use every hue and hardly share a glyph', () => {
    const seals = Array.from({ length: 1000 }, (_, index) => sealOf(inventHash(`spread ${index}`)));
    const perHue = new Map<number, number>();
    for (const { hue } of seals) perHue.set(hue, (perHue.get(hue) ?? 0) + 1);
    expect(perHue.size).toBe(HUE_STEPS);
    expect(Math.max(...perHue.values())).toBeLessThan(90);
    expect(new Set(seals.map(({ hue, cells }) => `${hue} ${cells.join()}`)).size).toBeGreaterThan(990);
  });

  it('does not throw on what is no hash', () => {
    expect(sealOf('').hue).toBe(0);
    expect(sealOf('zz').cells).toHaveLength(25);
  });

  it('holds a bounded number of seals', () => {
    for (let i = 0; i < SEAL_CACHE_LIMIT * 2 + 10; i += 1) sealOf(inventHash(`cache ${i}`));
    expect(sealCacheSize()).toBeLessThanOrEqual(SEAL_CACHE_LIMIT);
  });
});

describe('glyphPaths', () => {
  it('draws every cell once, lit or unlit', () => {
    const seal = sealOf(inventHash('paths'));
    const { lit, unlit } = glyphPaths(seal, 5.4, 6.4, 1.4);
    const count = (path: string): number => path.split('M').length - 1;
    expect(count(lit)).toBe(seal.cells.filter(Boolean).length);
    expect(count(lit) + count(unlit)).toBe(25);
  });
});

describe('colours', () => {
  const tokens = readFileSync(new URL('../../../../src/renderer/styles/tokens.css', import.meta.url), 'utf8');

  const token = (theme: string, name: string): string => {
    const block = tokens.slice(tokens.indexOf(`:root[data-theme='${theme}'] {\n  color-scheme: ${theme};\n  --bg: ${theme === 'dark' ? '#0e1116' : '#f3f1ec'};\n  --stage`));
    const value = new RegExp(`--${name}: ([^;]+);`).exec(block)?.[1];
    if (value === undefined) throw new Error(`No token ${name} in the ${theme} theme`);
    return value;
  };

  it('converts the published corners of sRGB', () => {
    // OKLCH of #ff0000 and #ffffff, from Ottosson's article.
    const red = oklchToRgb(0.62796, 0.25768, 29.234);
    expect(red[0]).toBeCloseTo(1, 2);
    expect(red[1]).toBeCloseTo(0, 2);
    expect(red[2]).toBeCloseTo(0, 2);
    for (const channel of oklchToRgb(1, 0, 0)) expect(channel).toBeCloseTo(1, 3);
    expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21, 5);
    expect(() => hexToRgb('#12345')).toThrow(RangeError);
  });

  for (const theme of ['dark', 'light']) {
    it(`every seal has 3:1 on tile and stage in the ${theme} theme`, () => {
      const lightness = Number(token(theme, 'seal-l'));
      const chroma = Number(token(theme, 'seal-c'));
      for (const ground of ['tile', 'stage']) {
        const behind = hexToRgb(token(theme, ground));
        for (let step = 0; step < HUE_STEPS; step += 1) {
          const ratio = contrast(oklchToRgb(lightness, chroma, step * HUE_STEP_DEGREES), behind);
          expect(ratio, `hue ${step * HUE_STEP_DEGREES} on ${ground}`).toBeGreaterThanOrEqual(3);
        }
        // The gradient ends between the steps too.
        for (let hue = 0; hue < 360; hue += 1) {
          expect(contrast(oklchToRgb(lightness, chroma, hue), behind), `hue ${hue} on ${ground}`).toBeGreaterThanOrEqual(3);
        }
      }
    });
  }
});
