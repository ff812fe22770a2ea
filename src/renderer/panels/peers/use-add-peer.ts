import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApiErrorShape } from '../../../shared/node-api.ts';
import { client, toApiError } from '../../lib/client.ts';
import { leavesThisComputer } from '../../lib/address.ts';
import { useNode } from '../../store/index.ts';

export interface AddPeerState {
  address: string;
  setAddress: (address: string) => void;
  /** Why the last attempt failed; null while typing anew. */
  error: ApiErrorShape | null;
  pending: boolean;
  /** An address outside this computer that waits for a yes. */
  asking: string | null;
  submit: () => void;
  /** The user's answer to `asking`. */
  answer: (yes: boolean) => void;
  /** Keeps an address that does not answer: the node goes on trying. */
  keepTrying: () => void;
  /** Said once to screen readers after a success. */
  said: string;
}

/** The form's whole behaviour, apart from how it looks. */
export function useAddPeer(): AddPeerState {
  const [address, setText] = useState('');
  const [error, setError] = useState<ApiErrorShape | null>(null);
  const [pending, setPending] = useState(false);
  const [asking, setAsking] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const busy = useRef(false);
  // Keeping an address that was allowed once does not ask a second time.
  const allowed = useRef(new Set<string>());

  useEffect(() => {
    if (error?.code !== 'already-connected') return undefined;
    const connected = (): number => [...useNode.getState().peers.values()].filter(({ state }) => state === 'connected').length;
    const then = connected();
    // What was said stops being true when that link ends.
    return useNode.subscribe(() => {
      if (connected() !== then) setError(null);
    });
  }, [error]);

  const send = useCallback(async (target: string, keepUnreachable: boolean) => {
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    setError(null);
    setSaid('');
    try {
      const peer = await client().addPeer(keepUnreachable ? { address: target, keepUnreachable } : { address: target });
      // Somebody may have typed the next address meanwhile.
      setText((now) => (now.trim() === target ? '' : now));
      setSaid(`${peer.name ?? peer.address} was added`);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      busy.current = false;
      setPending(false);
    }
  }, []);

  const submit = useCallback(() => {
    const target = address.trim();
    if (leavesThisComputer(target) && !allowed.current.has(target)) {
      setError(null);
      setAsking(target);
    } else {
      void send(target, false);
    }
  }, [address, send]);

  const answer = useCallback(
    (yes: boolean) => {
      setAsking(null);
      if (!yes || asking === null) return;
      allowed.current.add(asking);
      void send(asking, false);
    },
    [asking, send],
  );

  return {
    address,
    setAddress: (next) => {
      setText(next);
      setError(null);
    },
    error,
    pending,
    asking,
    submit,
    answer,
    keepTrying: () => void send(address.trim(), true),
    said,
  };
}
