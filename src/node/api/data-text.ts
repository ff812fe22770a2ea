import { ApiError } from '../../shared/node-api.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkDataText } from '../consensus/rules.ts';

/** The text of a transaction from outside, by the rules. @throws ApiError `data-too-large`, `data-not-json` */
export function checkText(dataText: string): void {
  try {
    checkDataText(dataText, 'the data');
  } catch (error) {
    throw dataError(error);
  }
}

/** A broken rule about data, as a refused call. Any other error stays what it is. */
export function dataError(error: unknown): Error {
  if (!(error instanceof RuleError)) return error instanceof Error ? error : new Error(String(error));
  const large = error.rule === 'data-too-large';
  return new ApiError({
    code: large ? 'data-too-large' : 'data-not-json',
    message: `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}. ${large ? 'Send less.' : 'Send a JSON value.'}`,
    field: 'data',
    expected: error.expected,
    got: error.got,
  });
}
