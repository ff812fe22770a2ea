// The lint rule that keeps the house's floors (docs/architecture.md). Run by `npm run lint` through
// scripts/lib/dependencies.mjs, which also fails when no module was read.
'use strict';
const { join } = require('node:path');
const { floors } = require('./scripts/lib/floors.cjs');

/** @param {string} name */
const pathOf = (name) => {
  const floor = floors.find((each) => each.name === name);
  if (floor === undefined) throw new Error(`no floor is called ${name}`);
  return floor.path;
};

/** What is Electron: the module, its subpaths, and its package folder once resolved. */
const electron = '(^|node_modules/)electron(/|$)';

/** One rule a floor: nothing inside src but the floor itself and what the table allows. */
const floorRules = floors.map((floor) => ({
  name: `floor-${floor.name}`,
  comment: `src: the floor "${floor.name}" may import only itself${floor.may.map((name) => `, ${name}`).join('')}.`,
  severity: /** @type {const} */ ('error'),
  from: { path: floor.path },
  to: { path: '^src/', pathNot: [floor.path, ...floor.may.map(pathOf)] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'floor-unknown',
      comment: 'A folder of src that is on no floor: add it to scripts/lib/floors.cjs and docs/architecture.md.',
      severity: 'error',
      from: { path: '^src/', pathNot: floors.map((floor) => floor.path) },
      to: {},
    },
    {
      name: 'out-of-src',
      comment: 'What is built lives in src: no import of tests, scripts or output.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|e2e|scripts|out)/' },
    },
    {
      name: 'no-circular',
      comment: 'Arrows point down only; a circle, also one of types, means that two modules are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'electron-in-main-and-preload',
      comment: 'The node runs without Electron, and the page is sandboxed.',
      severity: 'error',
      from: { path: '^src/', pathNot: [pathOf('main'), pathOf('preload')] },
      to: { path: electron },
    },
    {
      name: 'pure-consensus',
      comment: 'What is valid depends on no I/O and no clock: no Node builtin in primitives and consensus.',
      severity: 'error',
      from: { path: [pathOf('primitives'), pathOf('consensus')] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-without-node',
      comment: 'The page and what crosses the bridge run in a sandbox without Node.',
      severity: 'error',
      from: { path: [pathOf('renderer'), pathOf('preload'), pathOf('shared')] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-without-node-packages',
      comment: "The node's packages need Node and have no place in the page.",
      severity: 'error',
      from: { path: [pathOf('renderer'), pathOf('preload'), pathOf('shared')] },
      to: { path: '(^|node_modules/)(ws|classic-level|hono|@hono/node-server)(/|$)' },
    },
    {
      name: 'unresolvable',
      comment: 'An import that leads nowhere: is the package installed, is the path right?',
      severity: 'error',
      from: {},
      // `?worker` and the like are Vite's, `virtual:` and styles have no module behind them.
      to: { couldNotResolve: true, pathNot: ['[?]', '^virtual:', '[.]css$', electron] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: a floor that knows the shapes of the floor above knows that floor.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.base.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};
