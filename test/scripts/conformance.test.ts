import { describe, expect, it } from 'vitest';
import { idsOf, judge, playwrightOutcomes, readCases, readDocument, table, vitestOutcomes } from '../../scripts/lib/conformance.mjs';

const outcome = (title: string, status: 'passed' | 'failed' | 'skipped' = 'passed', place = 'test/a.test.ts') => ({ title, status, place });

describe('the table of docs/conformance.md', () => {
  it('has 116 cases, each numbered in its group without a gap', async () => {
    const cases = readCases(await readDocument());
    expect(cases).toHaveLength(116);
    const groups = new Map<string, number>();
    for (const { id } of cases) {
      const [group = '', number] = id.split('-');
      groups.set(group, (groups.get(group) ?? 0) + 1);
      expect(Number(number)).toBe(groups.get(group));
    }
    expect(Object.fromEntries(groups)).toEqual({ WIRE: 13, HS: 8, HDR: 7, BLK: 16, SYNC: 8, MEM: 5, CON: 11, STO: 11, API: 12, ELE: 13, CLK: 3, NET: 6, SOAK: 3 });
  });

  it('refuses an id that stands twice', () => {
    expect(() => readCases('| HS-01 | a | b |\n| HS-01 | c | d |\n')).toThrow('HS-01 stands twice');
  });
});

describe('ids of a title', () => {
  it.each([
    ['HS-01 nothing', ['HS-01']],
    ['HS-02 HS-03 wrong beginnings', ['HS-02', 'HS-03']],
    ['STO-01', ['STO-01']],
    ['as HS-01 says', []],
    ['a test', []],
    ['HS-01x', []],
    ['UTF-08 text', []],
  ])('are found: %s', (title, ids) => {
    expect(idsOf(title)).toEqual(ids);
  });
});

describe('judging', () => {
  const cases = readCases('| HS-01 | silence | drop |\n| HS-02 | a block | drop |\n| HS-03 | two | drop |\n');

  it('takes one passed test, no failed one, and never a skipped one', () => {
    const lines = judge(cases, [outcome('HS-01 a'), outcome('HS-01 b', 'failed'), outcome('HS-02 c', 'skipped'), outcome('HS-03 d'), outcome('HS-03 e', 'skipped')]);
    expect(lines.map(({ status }) => status)).toEqual(['FAILED', 'MISSING', 'passed']);
    expect(table(lines)).toContain('3 cases: 1 passed, 1 failed, 1 without a test that passed; 0 of them');
  });

  it('refuses a test of a case that nobody knows', () => {
    expect(() => judge(cases, [outcome('HS-09 what')])).toThrow('HS-09');
  });

  it('counts what ran in both nodes, and shows where', () => {
    const lines = judge(cases, [outcome('HS-01 a', 'passed', 'test/node/x.test.ts'), outcome('HS-01 a', 'passed', 'test/conformance/long-lived.test.ts > seed 1'), outcome('HS-01 a', 'passed', 'test/conformance/fresh.test.ts')]);
    expect(table(lines)).toContain('3 tests: conformance/fresh.test.ts, conformance/long-lived.test.ts, node/x.test.ts');
    expect(table(lines)).toContain('1 of them in a fresh node and in the long-lived one');
  });
});

describe('reports', () => {
  it('of vitest', () => {
    const report = { testResults: [{ name: '/x/y.test.ts', assertionResults: [{ title: 'HS-01 a', ancestorTitles: ['HS'], status: 'passed' }, { title: 'b', ancestorTitles: [], status: 'pending' }] }] };
    expect(vitestOutcomes(report).map(({ title, status }) => [title, status])).toEqual([['HS-01 a', 'passed'], ['b', 'skipped']]);
  });

  it('of Playwright: only what passed at once has passed', () => {
    const spec = (title: string, ...statuses: string[]) => ({ title, ok: true, file: 'a.spec.ts', tests: statuses.map((status) => ({ status })) });
    const report = { suites: [{ file: 'a.spec.ts', specs: [spec('ELE-01 a', 'expected')], suites: [{ file: 'a.spec.ts', specs: [spec('ELE-02 b', 'flaky'), spec('ELE-03 c', 'skipped'), spec('ELE-04 d', 'unexpected')] }] }] };
    expect(playwrightOutcomes(report).map(({ status }) => status)).toEqual(['passed', 'failed', 'skipped', 'failed']);
  });
});
