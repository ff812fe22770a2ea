// Becomes resources/default_app.asar of the fallback Electron, whose package has none. It starts the app that the
// command line names: `electron [-r module] [switches] <folder or file> [arguments]`.
// An ES module with a top-level await, because Electron waits for such a one before the app becomes ready, and the app
// named on the command line has things to do before that.
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

/** @type {string[]} */
const preloads = [];
let target;
const args = process.argv.slice(1);
for (let i = 0; i < args.length && target === undefined; i++) {
  const arg = args[i] ?? '';
  if (arg === '-r' || arg === '--require') preloads.push(args[++i] ?? '');
  else if (!arg.startsWith('-')) target = arg;
}

// Synchronously and first: Playwright's module holds back `ready` until it is attached.
if (preloads.length > 0) /** @type {any} */ (Module)._preloadModules(preloads);

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** @param {string} where */
async function start(where) {
  const resolved = path.resolve(where);
  let main = resolved;
  if (fs.statSync(resolved).isDirectory()) {
    const about = JSON.parse(fs.readFileSync(path.join(resolved, 'package.json'), 'utf8'));
    if (about.productName || about.name) app.setName(about.productName || about.name);
    if (about.version) /** @type {any} */ (app).setVersion(about.version);
    /** @type {any} */ (app).setAppPath(resolved);
    main = path.join(resolved, about.main || 'index.js');
  } else {
    /** @type {any} */ (app).setAppPath(path.dirname(resolved));
  }
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true, configurable: true });
  await import(pathToFileURL(main).href);
}

if (target === undefined) fail('This Electron starts an app: name its folder.');
else await start(target).catch((error) => fail(`The app could not be started: ${error?.stack ?? error}`));
