/** Memory of another process, on Linux. */
import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Bytes in memory, and the most there ever were. */
  rss: number;
  peak: number;
  /** Its own, without files mapped into memory. */
  own: number;
  /** Mapped files of the database. */
  tables: number;
}

/** NaN where the system has no /proc. */
export function memoryOf(pid: number): ProcessMemory {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { rss: field('VmRSS'), peak: field('VmHWM'), own: field('RssAnon'), tables: mappedTables(readFileSync(`/proc/${String(pid)}/smaps`, 'utf8')) };
  } catch {
    return { rss: Number.NaN, peak: Number.NaN, own: Number.NaN, tables: Number.NaN };
  }
}

/** Bytes in memory of the mappings whose file is a table of LevelDB. */
export function mappedTables(smaps: string): number {
  let table = false;
  let kilobytes = 0;
  for (const line of smaps.split('\n')) {
    // The head of a mapping begins with its addresses and ends with its file.
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) table = line.endsWith('.ldb');
    else if (table && line.startsWith('Rss:')) kilobytes += Number(/\d+/.exec(line)?.[0]);
  }
  return kilobytes * 1024;
}
