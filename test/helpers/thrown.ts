/** The error of this class that the action throws; any other error, or none, fails the test. */
export function thrown<T extends Error>(kind: abstract new (...args: never[]) => T, action: () => unknown): T {
  try {
    action();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`no ${kind.name} was thrown`);
}
