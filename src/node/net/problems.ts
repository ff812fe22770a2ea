import { ApiError } from '../../shared/node-api.ts';
import type { DropCode } from './drops.ts';
import type { PeerEnd } from './peer.ts';
import type { PeerRow } from './rows.ts';
import type { DialErrorCode } from './transport.ts';

/** Why a dial did not lead to a connection, for the row and for the form. */
export interface Problem {
  code: DropCode | DialErrorCode;
  /** One sentence for the row. */
  text: string;
  error: ApiError;
  /** Trying again soon is of no use. */
  slow: boolean;
}

function nothingAnswers(row: PeerRow): ApiError {
  const port = String(row.address?.port ?? '');
  return new ApiError({ code: 'nothing-answers', message: `Nothing answers on ${port}`, field: 'address', got: row.address?.text ?? '' });
}

function refused(text: string, row: PeerRow): ApiError {
  return new ApiError({ code: 'refused', message: text, field: 'address', got: row.address?.text ?? '' });
}

export function dialProblem(code: DialErrorCode, row: PeerRow): Problem {
  if (code === 'not-a-peer') {
    const text = `${row.address?.text ?? 'It'} answers, but it is not a Chainscope node. Check the port.`;
    return { code, text, error: refused(text, row), slow: true };
  }
  // A peer that listens nowhere dialled us, and does so again.
  if (row.address === undefined) {
    const text = 'It does not listen, so only it can connect again.';
    return { code, text, error: refused(text, row), slow: false };
  }
  return { code, text: `Nothing answers on ${String(row.address.port)}.`, error: nothingAnswers(row), slow: false };
}

/** The same for a connection that ended during its handshake. */
export function endProblem(end: PeerEnd, row: PeerRow): Problem {
  const { text } = end;
  const code = end.code ?? 'unreachable';
  const field = 'address';
  switch (end.code) {
    case 'self':
      return { code, text, error: new ApiError({ code: 'self', message: 'That is this node', field }), slow: true };
    case 'other-network':
      return { code, text, error: new ApiError({ code: 'different-genesis', message: 'Different genesis', field }), slow: true };
    case 'handshake-timeout':
      return { code, text, error: nothingAnswers(row), slow: true };
    case 'duplicate':
      return { code, text, error: new ApiError({ code: 'already-connected', message: 'Already connected', field }), slow: false };
    case 'shutdown':
    case 'full':
      return { code, text, error: refused(text, row), slow: false };
    case undefined:
      return { code, text, error: refused('The connection was lost during the handshake. Try again.', row), slow: false };
    default:
      return { code, text, error: refused(text, row), slow: true };
  }
}
