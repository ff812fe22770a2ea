// The floors of docs/architecture.md as data: who may import whom. The dependency rule is made from this table, so
// a folder that is not in it fails the check.
'use strict';

/**
 * @typedef {object} Floor
 * @property {string} name
 * @property {string} path a regular expression for the paths of its modules
 * @property {readonly string[]} may names of the other floors that it may import
 */

const below = {
  consensus: ['primitives', 'util'],
  chain: ['consensus', 'primitives', 'util', 'shared'],
  mempool: ['chain', 'consensus', 'primitives', 'util', 'shared'],
  service: ['mempool', 'chain', 'consensus', 'primitives', 'util', 'shared'],
  root: ['net', 'mining', 'mempool', 'chain', 'consensus', 'primitives', 'util', 'shared'],
};

/** @type {readonly Floor[]} */
const floors = [
  { name: 'renderer', path: '^src/renderer/', may: ['shared'] },
  { name: 'preload', path: '^src/preload/', may: ['shared'] },
  { name: 'main', path: '^src/main/', may: ['node', 'shared'] },
  { name: 'cli', path: '^src/cli/', may: ['node', 'shared'] },
  // What main and cli see of the node: it names the doors and the composition root.
  { name: 'node', path: '^src/node/index[.]ts$', may: ['api', 'full-node', ...below.root] },
  { name: 'api', path: '^src/node/api/', may: ['full-node', ...below.root] },
  { name: 'full-node', path: '^src/node/(?!index[.]ts$)[^/]+[.]ts$', may: below.root },
  { name: 'net', path: '^src/node/net/', may: below.service },
  { name: 'mining', path: '^src/node/mining/', may: below.service },
  { name: 'mempool', path: '^src/node/mempool/', may: below.mempool },
  { name: 'chain', path: '^src/node/chain/', may: below.chain },
  { name: 'consensus', path: '^src/node/consensus/', may: below.consensus },
  { name: 'primitives', path: '^src/node/primitives/', may: ['util'] },
  { name: 'util', path: '^src/node/util/', may: [] },
  { name: 'shared', path: '^src/shared/', may: [] },
];

module.exports = { floors };
