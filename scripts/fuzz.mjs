// `npm run fuzz -- --minutes 5 --seed N --target frames`: the decoders on mutated inputs, for as long as asked.
import { join } from 'node:path';
import { runBuilt } from './lib/built.mjs';
import { root, startDir } from './lib/paths.mjs';
import { runScript } from './lib/say.mjs';

// Of two the last counts.
const args = ['--corpus', join(root, 'test', 'fuzz', 'corpus'), ...process.argv.slice(2)];
await runScript(() => runBuilt({ fuzz: 'test/fuzz/fuzz.ts' }, args, { nodeArgs: ['--expose-gc'], cwd: startDir() }));
