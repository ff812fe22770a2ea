// Counting tests from the JSON reports of the runners. What cannot be counted counts as a failure.

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 *
 * @typedef {object} PlaywrightReport
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {unknown[]} errors
 */

/**
 * A test file that could not be loaded has no tests in the report; it counts as one failure.
 * @param {VitestReport} report
 * @returns {Counts}
 */
export function countVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Errors outside of tests count as failures, and so does a test that passed only when repeated.
 * @param {PlaywrightReport} report
 * @returns {Counts}
 */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/**
 * Counts one runner's tests. A report that is missing, cannot be read or holds no test is one failure, and so is a
 * runner that says it failed while its report says that nothing did.
 * @template T
 * @param {string | undefined} text the report, undefined when there is none
 * @param {(report: T) => Counts} count
 * @param {number} exitCode of the runner
 * @returns {Counts & { problem?: string }}
 */
export function countReport(text, count, exitCode) {
  const nothing = { passed: 0, failed: 1, skipped: 0 };
  if (text === undefined) return { ...nothing, problem: `no report was written (exit code ${exitCode})` };
  let counts;
  try {
    counts = count(JSON.parse(text));
  } catch (error) {
    return { ...nothing, problem: `the report cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!Object.values(counts).every((n) => Number.isSafeInteger(n) && n >= 0)) {
    return { ...nothing, problem: 'the report does not hold the expected numbers' };
  }
  if (counts.passed + counts.failed === 0) return { ...counts, failed: 1, problem: 'no test ran' };
  if (exitCode !== 0 && counts.failed === 0) {
    return { ...counts, failed: 1, problem: `all tests passed, but the runner ended with code ${exitCode}` };
  }
  return counts;
}

/**
 * The last line of a test run.
 * @param {Counts} counts
 */
export function totalLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
