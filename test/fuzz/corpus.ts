import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of an input that is kept; a longer one is only reported. */
export const MAX_CORPUS_FILE = 8 * 1024;
/** Inputs of one target that are kept for their outcome alone; findings are always kept. */
export const MAX_INTERESTING = 120;

/** Files of the corpus are named by what is in them. */
export function corpusName(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 20);
}

/** The inputs of a target, in the order of their names. */
export async function readCorpus(folder: string, target: string): Promise<{ name: string; input: Uint8Array }[]> {
  const names = await readdir(join(folder, target)).catch(() => []);
  return Promise.all(names.sort().map(async (name) => ({ name, input: new Uint8Array(await readFile(join(folder, target, name))) })));
}

/** @returns whether it was new */
export async function saveInput(folder: string, target: string, input: Uint8Array): Promise<boolean> {
  if (input.length > MAX_CORPUS_FILE) return false;
  await mkdir(join(folder, target), { recursive: true });
  return writeFile(join(folder, target, corpusName(input)), input, { flag: 'wx' }).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    },
  );
}
