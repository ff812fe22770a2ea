import { ApiError, type ApiErrorCode } from '../../shared/node-api.ts';

/** Codes that only the HTTP door knows, besides those of ApiError. */
export type HttpErrorCode =
  | ApiErrorCode
  | 'bad-request'
  | 'bad-json'
  | 'foreign-host'
  | 'foreign-origin'
  | 'method-not-allowed'
  | 'body-too-large'
  | 'body-not-json'
  | 'too-many-readers';

/** An answer that is not a success. `headers` are added to it. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: HttpErrorCode;
  readonly field: string | undefined;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: HttpErrorCode,
    message: string,
    detail: { field?: string; expected?: string; got?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.field = detail.field;
    this.expected = detail.expected;
    this.got = detail.got;
    this.headers = detail.headers ?? {};
  }
}

const STATUS: Record<ApiErrorCode, number> = {
  'invalid-argument': 400,
  'not-an-address': 400,
  'bad-port': 400,
  self: 400,
  'data-not-json': 400,
  'not-found': 404,
  'already-connected': 409,
  'different-genesis': 409,
  'duplicate-transaction': 409,
  'mining-stopped': 409,
  'data-too-large': 413,
  'too-many-peers': 429,
  'mining-queue-full': 429,
  'mining-failed': 500,
  internal: 500,
  refused: 502,
  'mempool-full': 503,
  'node-closing': 503,
  'nothing-answers': 504,
};

/** Any thrown value as an answer. What is no ApiError or HttpError is a bug: its text stays in the log and out of the answer. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof ApiError) {
    const { code, message, ...detail } = error.toShape();
    return new HttpError(STATUS[code], code, message, detail);
  }
  return new HttpError(500, 'internal', 'The node could not answer this request. Its log says why.');
}

/** The JSON text of an error. */
export function errorBody(error: HttpError): string {
  const { code, message, field, expected, got } = error;
  return `${JSON.stringify({ error: { code, message, field, expected, got } })}\n`;
}
