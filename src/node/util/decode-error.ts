export type DecodeErrorCode =
  /** Fewer bytes than the format asks for. */
  | 'truncated'
  /** Bytes are left after the last field. */
  | 'trailing-bytes'
  /** A longer encoding of a number than needed. */
  | 'non-canonical'
  /** A length or count above its limit. */
  | 'too-large'
  | 'bad-utf8'
  | 'bad-hex'
  /** Well-formed, but not a value that the field can have (an unknown version or kind). */
  | 'bad-value';

/** Bytes from outside that cannot be read. `field` names the part at fault, when it is known. */
export class DecodeError extends Error {
  readonly code: DecodeErrorCode;
  readonly field?: string;

  constructor(code: DecodeErrorCode, message: string, field?: string) {
    super(field === undefined ? message : `${field}: ${message}`);
    this.name = 'DecodeError';
    this.code = code;
    if (field !== undefined) this.field = field;
  }
}
