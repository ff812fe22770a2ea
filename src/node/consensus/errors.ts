/** Broken rules. docs/consensus.md lists every code with what it asks for. */

export type RuleCode =
  // The header alone.
  | 'bad-version'
  | 'bad-bits'
  | 'high-hash'
  // The header in its place.
  | 'bad-prev-hash'
  | 'time-too-old'
  | 'time-too-new'
  | 'invalid-ancestor'
  // The body against the header: another body may fit this header.
  | 'block-malformed'
  | 'block-too-large'
  | 'bad-merkle-root'
  | 'merkle-mutated'
  // The body itself.
  | 'no-transactions'
  | 'too-many-transactions'
  | 'coinbase-missing'
  | 'coinbase-extra'
  | 'bad-coinbase-height'
  | 'bad-miner-name'
  | 'duplicate-transaction'
  | 'data-too-large'
  | 'json-too-deep'
  | 'bad-data-json';

interface RuleFacts {
  /** Misbehaviour of a peer that sends it, 0 to 100. 100 where breaking it costs the peer no work; less where it paid with work. */
  readonly score: number;
  /**
   * Whether the header's hash is to blame: no block with this hash can ever be valid, so the hash may be remembered. False when
   * another body may fit the same header (or the clock may catch up): remembering would let a liar block the honest block.
   */
  readonly permanent: boolean;
}

export const RULES: Readonly<Record<RuleCode, RuleFacts>> = {
  'bad-version': { score: 100, permanent: true },
  'bad-bits': { score: 100, permanent: true },
  'high-hash': { score: 100, permanent: true },
  'bad-prev-hash': { score: 100, permanent: true },
  'time-too-old': { score: 50, permanent: true },
  'time-too-new': { score: 0, permanent: false },
  'invalid-ancestor': { score: 50, permanent: true },
  'block-malformed': { score: 100, permanent: false },
  'block-too-large': { score: 100, permanent: false },
  'bad-merkle-root': { score: 100, permanent: false },
  'merkle-mutated': { score: 100, permanent: false },
  'no-transactions': { score: 100, permanent: false },
  'too-many-transactions': { score: 100, permanent: false },
  'coinbase-missing': { score: 50, permanent: true },
  'coinbase-extra': { score: 50, permanent: true },
  'bad-coinbase-height': { score: 50, permanent: true },
  'bad-miner-name': { score: 50, permanent: true },
  'duplicate-transaction': { score: 50, permanent: true },
  'data-too-large': { score: 50, permanent: true },
  'json-too-deep': { score: 50, permanent: true },
  'bad-data-json': { score: 50, permanent: true },
};

/**
 * A block or transaction breaks a rule. `message` is a clause for people that follows a name ("Birch rejected block 1,312: …"):
 * lower case, no full stop, names before numbers.
 */
export class RuleError extends Error {
  readonly rule: RuleCode;
  readonly expected: string;
  readonly got: string;
  readonly score: number;
  readonly permanent: boolean;

  constructor(rule: RuleCode, expected: string, got: string, message: string) {
    super(message);
    this.name = 'RuleError';
    this.rule = rule;
    this.expected = expected;
    this.got = got;
    this.score = RULES[rule].score;
    this.permanent = RULES[rule].permanent;
  }

  /** The shape that crosses the bridge, the HTTP API and the wire (`RuleViolation` of src/shared). */
  toViolation(): { rule: RuleCode; expected: string; got: string; message: string } {
    return { rule: this.rule, expected: this.expected, got: this.got, message: this.message };
  }
}
