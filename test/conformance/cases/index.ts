import type { Case } from '../world.ts';
import { blockCases } from './blocks.ts';
import { handshakeCases } from './handshake.ts';
import { headerCases } from './headers.ts';
import { wireCases } from './wire.ts';

/** The cases of docs/conformance.md that need nothing but a node's two ports. */
export const cases: readonly Case[] = [...wireCases, ...handshakeCases, ...headerCases, ...blockCases];
