// `npm run fuzz -- --minutes 5 --seed N --target frames`: the decoders on mutated inputs, for as long as asked.
import { runBuilt } from './lib/built.mjs';
import { runScript } from './lib/say.mjs';

await runScript(() => runBuilt({ fuzz: 'test/fuzz/fuzz.ts' }, process.argv.slice(2), { nodeArgs: ['--expose-gc'] }));
