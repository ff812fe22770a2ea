// `npm run typecheck`
import { parseArgs } from 'node:util';
import { ensurePackages } from './lib/packages.mjs';
import { runScript } from './lib/say.mjs';
import { typesPass } from './lib/typecheck.mjs';

await runScript(async () => {
  // It takes none, and says so.
  parseArgs({ options: {} });
  await ensurePackages();
  const node = await typesPass('node');
  const web = await typesPass('web');
  return node && web ? 0 : 1;
});
