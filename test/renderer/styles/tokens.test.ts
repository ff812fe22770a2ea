import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, hexToRgb, oklchToRgb, type Rgb } from '../../../src/renderer/stage/seal/oklch.ts';

const css = readFileSync(new URL('../../../src/renderer/styles/tokens.css', import.meta.url), 'utf8');

/** Custom properties of the block of one theme. */
function tokens(theme: 'light' | 'dark'): Map<string, string> {
  const body = new RegExp(`:root\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map([...body.matchAll(/--([\w-]+): ([^;]+);/g)].map(([, name, value]) => [name ?? '', value ?? '']));
}

/** The first of `share` parts over the second, as color-mix in oklab nearly gives; sRGB is close enough at so small a share. */
const mix = (top: Rgb, bottom: Rgb, share: number): Rgb => {
  const at = (index: 0 | 1 | 2): number => top[index] * share + bottom[index] * (1 - share);
  return [at(0), at(1), at(2)];
};

describe.each(['light', 'dark'] as const)('UI-2 contrast of the tokens, %s', (theme) => {
  const all = tokens(theme);
  const rgb = (name: string): Rgb => hexToRgb(all.get(name) ?? '');
  const grounds = ['bg', 'stage', 'surface', 'raised', 'field', 'tile'];

  it('has every token that the other theme has', () => {
    expect([...all.keys()].sort()).toEqual([...tokens(theme === 'light' ? 'dark' : 'light').keys()].sort());
    expect(all.size).toBeGreaterThan(25);
  });

  it.each(['text', 'text2', 'text3', 'accent', 'mine', 'ok', 'bad', 'warn'])('%s can be read on every ground (4.5:1)', (name) => {
    for (const ground of grounds) expect(contrast(rgb(name), rgb(ground)), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  it('words on a filled button can be read', () => {
    expect(contrast(rgb('on-accent'), rgb('accent'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(rgb('on-mine'), rgb('mine'))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['ok', 'mine', 'bad'])('%s can be read on its own chip', (name) => {
    expect(contrast(rgb(name), mix(rgb(name), rgb('surface'), 0.09))).toBeGreaterThanOrEqual(4.5);
  });

  it('borders of controls can be seen (3:1)', () => {
    for (const ground of ['bg', 'stage', 'surface', 'field']) expect(contrast(rgb('control'), rgb(ground)), `on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  it('letters of avatars can be read on their fill, and their outline seen on every ground', () => {
    const number = (name: string): number => Number(all.get(name));
    for (let hue = 0; hue < 360; hue += 5) {
      const fill = oklchToRgb(number('id-fill-l'), number('id-fill-c'), hue);
      const letter = oklchToRgb(number('id-letter-l'), number('id-letter-c'), hue);
      const line = oklchToRgb(number('id-line-l'), number('id-line-c'), hue);
      expect(contrast(letter, fill), `letter at ${hue}`).toBeGreaterThanOrEqual(4.5);
      for (const ground of ['stage', 'surface']) expect(contrast(line, rgb(ground)), `outline at ${hue} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });
});

it('no style sheet of frame and panels names a colour of its own', () => {
  const root = new URL('../../../src/renderer/', import.meta.url);
  const sheets = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.css') && !path.endsWith('tokens.css') && !path.startsWith('stage'));
  expect(sheets.length).toBeGreaterThan(5);
  for (const sheet of sheets) {
    const text = readFileSync(new URL(sheet, root), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    expect(text.match(/#[0-9a-f]{3,8}\b|\brgba?\(/gi), sheet).toBeNull();
  }
});
