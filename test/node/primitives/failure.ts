import { DecodeError } from '../../../src/node/util/codec.ts';

/** The DecodeError that the action throws; any other error, or none, fails the test. */
export function decodeFailure(action: () => unknown): DecodeError {
  try {
    action();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
