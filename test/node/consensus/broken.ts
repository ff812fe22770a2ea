import { RuleError, type RuleCode } from '../../../src/node/consensus/errors.ts';

/** The RuleError that the action throws; any other error, or none, fails the test. */
export function broken(action: () => unknown): RuleError {
  try {
    action();
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error('no rule was broken');
}

/** Which rule the action breaks. */
export const ruleOf = (action: () => unknown): RuleCode => broken(action).rule;
