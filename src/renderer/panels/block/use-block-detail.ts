import { useCallback, useEffect, useRef, useState } from 'react';
import type { BlockDetail, HashHex } from '../../../shared/blocks.ts';
import { toApiError } from '../../lib/client.ts';
import { fetchDetail, knownDetail } from '../../store/index.ts';

/** Least time between two questions that nobody waits for: a chain that grows fast must not flood the bridge. */
const REFRESH_MS = 300;

export interface DetailState {
  detail: BlockDetail | null;
  /** `missing`: the node has no such block. */
  status: 'loading' | 'ready' | 'missing' | 'failed';
  message: string | null;
  retry: () => void;
}

type Answer = { hash: HashHex; status: 'missing' | 'failed'; message: string };

/**
 * The whole of a block, asked for again whenever the chain changes, since children and confirmations change with it. While
 * the answer is on its way the last known one is shown.
 *
 * @param chosen somebody chose this block, and waits to see it: it is asked for at once. Else it is the tip, whichever that is now.
 * @param version changes whenever the chain does
 */
export function useBlockDetail(hash: HashHex | null, chosen: boolean, version: string): DetailState {
  const [detail, setDetail] = useState<BlockDetail | null>(null);
  const [trouble, setTrouble] = useState<Answer | null>(null);
  const [attempt, setAttempt] = useState(0);
  const asked = useRef({ at: -Infinity, hash: '' });

  useEffect(() => {
    if (hash === null) return undefined;
    let stale = false;
    const ask = (): void => {
      asked.current = { at: performance.now(), hash };
      fetchDetail(hash).then(
        (found) => {
          if (stale) return;
          setDetail(found);
          setTrouble(found === null ? { hash, status: 'missing', message: 'This node does not have that block.' } : null);
        },
        (thrown: unknown) => {
          if (!stale) setTrouble({ hash, status: 'failed', message: toApiError(thrown).message });
        },
      );
    };
    const urgent = chosen && asked.current.hash !== hash;
    const wait = urgent ? 0 : asked.current.at + REFRESH_MS - performance.now();
    const timer = wait > 0 ? setTimeout(ask, wait) : undefined;
    if (timer === undefined) ask();
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [hash, chosen, version, attempt]);

  const retry = useCallback(() => {
    setTrouble(null);
    setAttempt((count) => count + 1);
  }, []);
  const known = hash === null ? null : detail?.hash === hash ? detail : (knownDetail(hash) ?? null);
  if (known !== null) return { detail: known, status: 'ready', message: null, retry };
  if (trouble !== null && trouble.hash === hash) return { detail: null, status: trouble.status, message: trouble.message, retry };
  return { detail: null, status: 'loading', message: null, retry };
}
