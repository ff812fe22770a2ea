// `npm run pictures`: takes the pictures anew that the end-to-end tests compare the window with, for the Electron in use.
// Further arguments go to Playwright: `npm run pictures -- -g mining`.
import { e2eTests } from './lib/test-steps.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript, say } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  const { failed, problem } = await e2eTests(['e2e/looks.spec.ts', '--grep', 'UI-11', '--update-snapshots=changed', ...process.argv.slice(2)]);
  say(failed === 0 ? 'the pictures are in e2e/snapshots/looks.spec.ts; look at each of them' : (problem ?? 'not all pictures could be taken; the messages above say why'));
  return failed === 0 ? 0 : 1;
});
