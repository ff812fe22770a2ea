import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Points of the design that the chain view must meet. The others belong to views that are not there yet. */
const REQUIRED = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 28, 29, 30];

/** Every title that begins with `UI-<number>`, by its numbers, wherever tests are. */
function titles(): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const folder of ['test', 'e2e']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      // Folders of pictures bear the name of their test.
      if (!entry.isFile() || !/\.(test|spec)\.tsx?$/.test(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, 'utf8');
      for (const [line, points] of text.matchAll(/^.*[`'"]((?:UI-\d+[ :,])+).*$/gm)) {
        if (/\.(skip|todo|fixme|fails)\(\s*[`'"]UI-/.test(line)) continue;
        for (const [, number] of (points ?? '').matchAll(/UI-(\d+)/g)) {
          found.set(Number(number), [...(found.get(Number(number)) ?? []), file]);
        }
      }
    }
  }
  return found;
}

/** The rows of docs/acceptance.md: number → how it is checked. */
function listed(): Map<number, string> {
  const text = readFileSync(join(root, 'docs', 'acceptance.md'), 'utf8');
  return new Map([...text.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number, how]) => [Number(number), (how ?? '').trim()]));
}

it('the list of acceptance points is complete', () => {
  expect([...listed().keys()]).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});

it.each([...listed()].filter(([, how]) => !how.startsWith('not yet')))('point %i is checked by %s', (number, how) => {
  const bench = /`(bench\/[^`]+)`/.exec(how)?.[1];
  if (bench !== undefined) expect(existsSync(join(root, bench)), bench).toBe(true);
  if (bench === undefined || how.startsWith('tests')) expect(titles().get(number) ?? [], `a title that begins with UI-${String(number)}`).not.toEqual([]);
});

it('what is said not to be checked yet has no test', () => {
  const tested = titles();
  const missing = [...listed()].filter(([, how]) => how.startsWith('not yet')).map(([number]) => number);
  expect(missing.filter((number) => tested.has(number))).toEqual([]);
  expect(missing.filter((number) => REQUIRED.includes(number))).toEqual([]);
});
