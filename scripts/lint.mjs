// `npm run lint`: eslint (arguments are passed on, e.g. --fix) and the dependency rule.
import { dependenciesPass, eslintPasses } from './lib/lint.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  const style = await eslintPasses(process.argv.slice(2));
  const dependencies = await dependenciesPass();
  return style && dependencies ? 0 : 1;
});
