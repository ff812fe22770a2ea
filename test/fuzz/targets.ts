import { binaryTargets } from './binary-targets.ts';
import type { Target } from './engine.ts';
import { textTargets } from './text-targets.ts';

/** Every decoder that takes what comes from outside: peers, the HTTP API, the page, the disk, the command line. */
export const targets: readonly Target[] = [...binaryTargets, ...textTargets];
