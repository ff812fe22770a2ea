/**
 * `npm run fuzz -- [--minutes 5] [--seed N] [--target frames,blocks] [--corpus folder]`: runs the decoders on mutated inputs, as long as asked. What breaks a
 * property is saved to the corpus, where `npm test` runs it for ever after. Exit codes: 0 nothing found, 1 something, 2 wrong arguments.
 */
import { optionsOrExit, preset, readOrExit, seedNumber, taken } from '../../scripts/lib/options.mjs';
import { seededRandom } from '../../src/node/util/random.ts';
import { MAX_INTERESTING, corpusName, readCorpus, saveInput } from './corpus.ts';
import { Fuzzer, MAX_RUN_BYTES, type Finding, type Target } from './engine.ts';
import { targets } from './targets.ts';

const { values } = optionsOrExit(
  {
    options: {
      minutes: preset('number', '5', 'how long it runs'),
      seed: taken('number', 'repeats a run (picked)'),
      target: taken('names', `some of ${targets.map(({ name }) => name).join(', ')}, separated by commas (all)`),
      corpus: taken('folder', 'inputs to begin with, and where what is found goes (test/fuzz/corpus)'),
    },
  },
  'npm run fuzz -- [options]',
);
const [minutes, seed] = [Number(values.minutes), readOrExit(() => seedNumber(values.seed))];
const wanted = values.target?.split(',');
const unknown = wanted?.filter((name) => !targets.some((target) => target.name === name)) ?? [];
if (!(minutes > 0) || unknown.length > 0) {
  process.stderr.write(`--minutes must be a number above 0, --target some of: ${targets.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
/** scripts/fuzz.mjs names one: only it knows where this checkout is. */
function corpusFolder(): string {
  if (values.corpus === undefined) throw new Error('no --corpus was given');
  return values.corpus;
}
const folder = corpusFolder();
/** Findings of one target after which it is given up: the rest is likely the same fault. */
const MAX_FINDINGS = 5;
const SLICE_MS = 1_000;

interface Running {
  target: Target;
  fuzzer: Fuzzer;
  findings: Finding[];
  /** Time spent and the memory in use after the first slice. */
  ms: number;
  heap: number | undefined;
  files: number;
}

function heapInUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function begin(target: Target): Promise<Running> {
  const corpus = await readCorpus(folder, target.name);
  const fuzzer = new Fuzzer(target, seededRandom(seed), corpus.map(({ input }) => input));
  const running: Running = { target, fuzzer, findings: [], ms: 0, heap: undefined, files: corpus.length };
  const finding = await fuzzer.prime();
  if (finding !== undefined) await report(running, finding);
  for (const input of target.seeds()) if (running.files < MAX_INTERESTING && (await saveInput(folder, target.name, input))) running.files++;
  return running;
}

async function report(running: Running, finding: Finding): Promise<void> {
  const { name } = running.target;
  running.findings.push(finding);
  await saveInput(folder, name, finding.input);
  process.stdout.write(`FOUND ${name} (${finding.kind}), ${String(finding.input.length)} bytes, saved as ${name}/${corpusName(finding.input)}\n  ${finding.message.split('\n').slice(0, 4).join('\n  ')}\n`);
}

async function slice(running: Running): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < SLICE_MS && running.findings.length < MAX_FINDINGS) {
    const finding = await running.fuzzer.step();
    if (finding !== undefined) await report(running, finding);
  }
  running.ms += performance.now() - startedAt;
  for (const input of running.fuzzer.interesting.splice(0)) {
    if (running.files < MAX_INTERESTING && (await saveInput(folder, running.target.name, input))) running.files++;
  }
  const heap = heapInUse();
  running.heap ??= heap;
  if (heap - running.heap > MAX_RUN_BYTES) {
    await report(running, { input: new Uint8Array(0), kind: 'memory', message: `memory grew by ${String(heap - running.heap)} bytes over the runs` });
    running.heap = heap;
  }
}

const chosen = targets.filter(({ name }) => wanted === undefined || wanted.includes(name));
process.stderr.write(`fuzzing ${chosen.map(({ name }) => name).join(', ')} for ${String(minutes)} minutes, seed ${String(seed)}\n`);
const startedAt = performance.now();
const all: Running[] = [];
for (const target of chosen) all.push(await begin(target));
const end = startedAt + minutes * 60_000;
for (let round = 0; performance.now() < end && all.some(({ findings }) => findings.length < MAX_FINDINGS); round++) {
  for (const running of all) if (performance.now() < end && running.findings.length < MAX_FINDINGS) await slice(running);
  if (round % 10 === 9) process.stderr.write(`${((performance.now() - startedAt) / 60_000).toFixed(1)} min: ${all.reduce((sum, { fuzzer }) => sum + fuzzer.executions, 0).toLocaleString('en')} runs, ${String(all.reduce((sum, { findings }) => sum + findings.length, 0))} findings\n`);
}
const width = Math.max(...all.map(({ target }) => target.name.length));
for (const { target, fuzzer, findings, ms, files } of all) {
  const rate = Math.round((fuzzer.executions * 1000) / Math.max(1, ms));
  process.stdout.write(`${target.name.padEnd(width)}  ${fuzzer.executions.toLocaleString('en').padStart(11)} runs  ${rate.toLocaleString('en').padStart(8)}/s  ${String(Math.round((fuzzer.accepted * 100) / Math.max(1, fuzzer.executions))).padStart(3)} % accepted  ${String(fuzzer.outcomes).padStart(4)} outcomes  ${String(files).padStart(4)} files  ${String(findings.length)} found\n`);
}
process.exitCode = all.some(({ findings }) => findings.length > 0) ? 1 : 0;
