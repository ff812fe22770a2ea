// `npm run bench -- validation [seed]`: what the checks of headers and blocks take, in Electron and in Node. See bench/README.md.
import { measureInBoth } from '../lib/both.mjs';
import { seedArgument } from '../lib/part.mjs';

/** @typedef {import('./measure.ts').Measured} Measured */

const HEADERS = 100_000;
const ROUNDS = 3;

/** Goals of issue 5: ms for 100,000 headers, and how many times `crypto.hash`. */
const GOAL_MS = 200;
const GOAL_RATIO = 3;

/** @param {number} ms */
const time = (ms) => (ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(2)} us`);

/** @param {Measured} measured */
function print({ runtime, v8, hasher, groups }) {
  console.log(`\n${runtime}, V8 ${v8}, the node hashes with ${hasher}`);
  for (const { title, unit, rows } of groups) {
    const reference = rows.find(({ name }) => name.endsWith('crypto.hash')) ?? rows[0];
    console.log(`\n${title}, ${unit}`);
    console.log(`${''.padEnd(36)}${'median'.padStart(12)}${'best'.padStart(12)}${'processor'.padStart(12)}${'crypto.hash takes'.padStart(20)}${'processor'.padStart(12)}`);
    for (const { name, median, best, cpu } of rows) {
      const times = (/** @type {number} */ to) => `${to.toFixed(1)} x`;
      const ratios = [times((reference?.median ?? 0) / median).padStart(20), times((reference?.cpu ?? 0) / cpu).padStart(12)];
      console.log(`${name.padEnd(36)}${time(median).padStart(12)}${time(best).padStart(12)}${time(cpu).padStart(12)}${ratios.join('')}`);
    }
  }
  for (const { title, rows } of groups.filter(({ title: each }) => each.startsWith('full checks'))) {
    const batch = rows.find(({ name }) => name === 'our checks, WebAssembly, batch');
    const plain = rows.find(({ name }) => name === 'plain Node, crypto.hash');
    if (batch === undefined) continue;
    const ratio = plain === undefined ? undefined : plain.median / batch.median;
    console.log(`\n${title}: ${time(batch.median)}, goal ${GOAL_MS} ms: ${batch.median <= GOAL_MS ? 'met' : 'MISSED'}`);
    if (ratio !== undefined) console.log(`  ${ratio.toFixed(1)} times plain Node with crypto.hash, goal ${GOAL_RATIO}: ${ratio >= GOAL_RATIO ? 'met' : 'MISSED'}`);
  }
}

/** @param {string[]} args */
export async function bench(args) {
  const seed = seedArgument('validation', args);
  await measureInBoth('validation', seed, async () => ({ task: { seed, headers: HEADERS, rounds: ROUNDS }, remark: `${ROUNDS} rounds by turns` }), print);
}
