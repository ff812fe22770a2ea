import type { ListenInfo } from '../../shared/events.ts';
import { NET_LIMITS } from './limits.ts';
import type { Listener, PeerSocket, Transport } from './transport.ts';
import { ListenError } from './types.ts';

const MAX_PORT = 65_535;

/**
 * Listens on the port of the options, or, with `portFallback`, on the first free one of the next hundred. Rejects with ListenError.
 */
export async function listenOrMove(
  transport: Transport,
  options: { host: string; port: number; portFallback: boolean },
  onSocket: (socket: PeerSocket) => void,
): Promise<{ listener: Listener; info: ListenInfo }> {
  const { host, port } = options;
  const tries = options.portFallback && port !== 0 ? NET_LIMITS.portTries : 1;
  for (let i = 0; i < tries && port + i <= MAX_PORT; i++) {
    try {
      const listener = await transport.listen({ host, port: port + i }, onSocket);
      return { listener, info: { host, port: listener.port, ...(i === 0 ? {} : { movedFrom: port }) } };
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code !== 'EADDRINUSE') throw listenError(String(code), host, port + i, error);
    }
  }
  const range = tries === 1 ? `Port ${String(port)} is taken` : `The ports ${String(port)} to ${String(Math.min(MAX_PORT, port + tries - 1))} are all taken`;
  throw new ListenError('P2P_PORT', 'EADDRINUSE', `${range}, so other nodes cannot reach this one. Set P2P_PORT to a free port, or to 0.`);
}

function listenError(code: string, host: string, port: number, error: unknown): ListenError {
  switch (code) {
    case 'EACCES':
      return new ListenError('P2P_PORT', code, `Port ${String(port)} may not be opened by this user. Set P2P_PORT to one above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError('P2P_HOST', code, `${host} is no address of this computer. Set P2P_HOST to 127.0.0.1.`);
    default:
      return new ListenError('P2P_PORT', code, `Port ${String(port)} cannot be opened (${error instanceof Error ? error.message : code}).`);
  }
}
