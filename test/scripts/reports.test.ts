import { describe, expect, it } from 'vitest';
import { countPlaywright, countReport, countVitest, totalLine } from '../../scripts/lib/reports.mjs';

const vitest = (over: object = {}): string =>
  JSON.stringify({ numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [], ...over });
const playwright = (over: object = {}, errors: unknown[] = []): string =>
  JSON.stringify({ stats: { expected: 2, unexpected: 0, flaky: 0, skipped: 0, ...over }, errors });

describe('countReport', () => {
  it('counts a vitest report', () => {
    expect(countReport(vitest(), countVitest, 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
  });

  it('counts a test file that could not be loaded as one failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(countReport(vitest({ numFailedTests: 1, testResults }), countVitest, 1)).toMatchObject({ passed: 3, failed: 2 });
  });

  it('counts a Playwright report, with a flaky test and an error outside of tests as failures', () => {
    expect(countReport(playwright(), countPlaywright, 0)).toEqual({ passed: 2, failed: 0, skipped: 0 });
    const bad = playwright({ unexpected: 1, flaky: 1, skipped: 4 }, [{ message: 'x' }]);
    expect(countReport(bad, countPlaywright, 1)).toEqual({ passed: 2, failed: 3, skipped: 4 });
  });

  it.each([
    ['no report', undefined, 0, 'no report was written (exit code 0)'],
    ['half a report', '{"numPassedTests": 3', 1, 'the report cannot be read'],
    ['another shape', '{"testResults": []}', 0, 'the report does not hold the expected numbers'],
    ['no test', vitest({ numPassedTests: 0 }), 0, 'no test ran'],
    ['an angry exit code', vitest(), 1, 'all tests passed, but the runner ended with code 1'],
  ])('takes %s for one failure', (_what, text, code, problem) => {
    const result = countReport(text, countVitest, code);
    expect(result.failed).toBe(1);
    expect(result.problem).toContain(problem);
  });
});

describe('totalLine', () => {
  it('names skipped tests only when there are any', () => {
    expect(totalLine({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
    expect(totalLine({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
  });
});
