// `npm run typecheck`
import { ensurePackages } from './lib/packages.mjs';
import { runScript } from './lib/say.mjs';
import { typesPass } from './lib/typecheck.mjs';

await runScript(async () => {
  await ensurePackages();
  const node = await typesPass('node');
  const web = await typesPass('web');
  return node && web ? 0 : 1;
});
