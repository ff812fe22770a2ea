import type { Case } from '../world.ts';
import { blockCases } from './blocks.ts';
import { connectionCases } from './connections.ts';
import { handshakeCases } from './handshake.ts';
import { headerCases } from './headers.ts';
import { httpCases } from './http.ts';
import { mempoolCases } from './mempool.ts';
import { syncCases } from './sync.ts';
import { wireCases } from './wire.ts';

/** The cases of docs/conformance.md that need nothing but a node's two ports. */
export const cases: readonly Case[] = [...wireCases, ...handshakeCases, ...headerCases, ...blockCases, ...syncCases, ...mempoolCases, ...connectionCases, ...httpCases];
