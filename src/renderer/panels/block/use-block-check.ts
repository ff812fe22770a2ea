import { useEffect, useState } from 'react';
import type { BlockDetail } from '../../../shared/blocks.ts';
import { client } from '../../lib/client.ts';
import { CHECK_PAUSE_MS, FOLLOW_MS } from '../../lib/limits.ts';
import type { CheckAnswer } from './facts.ts';

/**
 * Has the node read the shown block from disk and check it again, once for each time that it is shown. Blocks that are only leafed through are not
 * checked, nor a tip that is not the tip any more when the panel looks again.
 */
export function useBlockCheck({ hash, origin }: Pick<BlockDetail, 'hash' | 'origin'>, chosen: boolean): CheckAnswer {
  const [answer, setAnswer] = useState<{ hash: string; check: CheckAnswer } | null>(null);
  useEffect(() => {
    if (origin === 'genesis') return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      client()
        .checkBlock(hash)
        .then(
          (check) => {
            if (!stale) setAnswer({ hash, check });
          },
          // The node is closing: the window says so elsewhere.
          () => undefined,
        );
    }, chosen ? CHECK_PAUSE_MS : FOLLOW_MS + CHECK_PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [hash, origin, chosen]);
  return answer?.hash === hash ? answer.check : undefined;
}
