import { useEffect, useRef, useState } from 'react';
import { hostPort } from '../../shared/listen.ts';
import { Icon } from '../components/icons.tsx';
import { formatByteRate, formatBytes, formatNumber, formatWork } from '../lib/format.ts';
import { FOLLOW_MS, WIRE_WINDOW_MS } from '../lib/limits.ts';
import { usePaced } from '../lib/use-paced.ts';
import { useNode } from '../store/index.ts';
import { addSample, byteRate, type ByteSample, clockSentence, reachSentence, syncSentence } from './status.ts';

/** Bytes per second over all links, averaged over the last few seconds. */
function useWireRate(): number {
  const samples = useRef<ByteSample[]>([]);
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const sample = (): void => {
      samples.current = addSample(samples.current, { at: performance.now(), bytes: useNode.getState().wireBytes }, WIRE_WINDOW_MS);
      setRate(byteRate(samples.current));
    };
    sample();
    const timer = setInterval(sample, 1000);
    return () => clearInterval(timer);
  }, []);
  return rate;
}

function Listening() {
  const node = useNode((state) => state.node);
  if (node === null) return <span>Starting</span>;
  const { p2p, http } = node;
  return (
    <>
      <span title={p2p?.movedFrom === undefined ? undefined : `Port ${p2p.movedFrom} was taken, so the next free one is used.`}>
        <i className={p2p === undefined ? 'dot off' : 'dot'} />
        <b>{p2p === undefined ? 'Not listening' : 'Listening'}</b>
        {p2p !== undefined && hostPort(p2p)}
        {p2p?.movedFrom !== undefined && <em>{p2p.movedFrom} was taken</em>}
      </span>
      {http !== undefined && (
        <span className={http.movedFrom === undefined ? 'http' : 'http moved'} title={http.movedFrom === undefined ? undefined : `Port ${http.movedFrom} was taken, so the next free one is used.`}>
          <b>HTTP</b> {hostPort(http)}
          {http.movedFrom !== undefined && <em>{http.movedFrom} was taken</em>}
        </span>
      )}
    </>
  );
}

function Totals() {
  const chain = usePaced(
    useNode((state) => state.chain),
    FOLLOW_MS,
    false,
  );
  const sync = usePaced(
    syncSentence(useNode((state) => state.sync)),
    FOLLOW_MS,
    false,
  );
  const rate = useWireRate();
  if (chain === null) return null;
  const blocks = chain.tip.height + 1;
  return (
    <>
      {/* It says the height as well. Beside the number of blocks it would take a second line, and move the whole stage, at 1280 pixels. */}
      {sync === null ? (
        <span>
          <b>{formatNumber(blocks)}</b> {blocks === 1 ? 'block' : 'blocks'}
        </span>
      ) : (
        <span className="syncing">{sync}</span>
      )}
      <span title="The work that the active chain stands for, in hashes">
        <b>{formatWork(chain.tip.chainwork)}</b> tries of work
      </span>
      <span>
        <Icon name="activity" size={13} />
        <b>{formatByteRate(rate)}</b> on the wire
      </span>
      <span>
        <b>{formatBytes(chain.bytesOnDisk)}</b> on disk
      </span>
    </>
  );
}

export function StatusBar() {
  const p2p = useNode((state) => state.node?.p2p);
  const known = useNode((state) => state.node !== null);
  const peers = useNode((state) => state.peers);
  const clock = clockSentence(useNode((state) => state.node?.clockOffMs));
  const reach = reachSentence(p2p, peers.values());
  return (
    <footer className="status-bar" data-region="status" aria-label="Status" tabIndex={-1}>
      <Listening />
      <Totals />
      {clock !== null && (
        <span className="clock" title="It was moved while this node ran. Other nodes refuse blocks with a wrong time: check the date, the time and the time zone.">
          <Icon name="warning" size={13} />
          {clock}
        </span>
      )}
      {known && <span className={reach.local ? 'reach' : 'reach open'}>{reach.text}</span>}
    </footer>
  );
}
