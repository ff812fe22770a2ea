import { useEffect, useState } from 'react';
import type { BlockSummary } from '../../shared/blocks.ts';
import { client, toApiError } from '../lib/client.ts';
import { FIND_PAUSE_MS, MAX_FOUND_BLOCKS } from '../lib/limits.ts';
import type { Query } from './query.ts';

export interface Found {
  byHash: readonly BlockSummary[];
  byText: readonly BlockSummary[];
  /** How far the search of data went; null while there is no answer to one. */
  reach: { searched: number; complete: boolean } | null;
  problem: string | null;
}

const NONE: Found = { byHash: [], byText: [], reach: null, problem: null };

async function look(query: Pick<Query, 'hash' | 'text'>): Promise<Found> {
  const limit = MAX_FOUND_BLOCKS;
  const [byHash, byText] = await Promise.all([
    query.hash === null ? null : client().findBlocks({ hash: query.hash, limit }),
    query.text === null ? null : client().findBlocks({ text: query.text, limit }),
  ]);
  return {
    byHash: byHash?.blocks ?? [],
    byText: byText?.blocks ?? [],
    reach: byText === null ? null : { searched: byText.searched, complete: byText.complete },
    problem: null,
  };
}

/** Asks the node for the blocks that a part of a hash, or words of their data, mean. Heights need no question. */
export function useFound(query: Query): { found: Found; searching: boolean } {
  const { hash, text } = query;
  const key = hash === null && text === null ? null : JSON.stringify([hash, text]);
  const [answer, setAnswer] = useState<{ key: string; found: Found } | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    let stale = false;
    let reading = false;
    const timer = setTimeout(() => {
      reading = text !== null;
      look({ hash, text }).then(
        (found) => {
          reading = false;
          if (!stale) setAnswer({ key, found });
        },
        (thrown: unknown) => {
          reading = false;
          if (!stale) setAnswer({ key, found: { ...NONE, problem: toApiError(thrown).message } });
        },
      );
    }, FIND_PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
      // Other words, or a palette that closes: the node need not read on for nobody. A failure means that it is closing.
      if (reading) client().stopFinding().catch(() => undefined);
    };
  }, [key, hash, text]);
  if (key === null) return { found: NONE, searching: false };
  // An answer to other words would be picked by an Enter that comes too soon.
  if (answer?.key !== key) return { found: NONE, searching: true };
  return { found: answer.found, searching: false };
}
