// `npm run pictures`: takes the pictures anew that the end-to-end tests compare the window with, for the Electron in use.
// Further arguments go to Playwright: `npm run pictures -- -g mining`. `npm run pictures -- readme` takes those of README and docs.
import { e2eTests } from './lib/test-steps.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript, say } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  const [first, ...rest] = process.argv.slice(2);
  const readme = first === 'readme';
  const { failed, problem } = readme
    ? await e2eTests(['-c', 'e2e/pictures/pictures.config.ts', '--reporter=list,json', ...rest])
    : await e2eTests(['e2e/looks.spec.ts', '--grep=UI-11', '--update-snapshots=changed', ...process.argv.slice(2)]);
  const place = readme ? 'docs/pictures' : 'e2e/snapshots/looks.spec.ts';
  say(failed === 0 ? `the pictures are in ${place}; look at each of them` : (problem ?? 'not all pictures could be taken; the messages above say why'));
  return failed === 0 ? 0 : 1;
});
