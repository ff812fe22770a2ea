import type { PeerInfo } from '../../../shared/peers.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Icon } from '../../components/icons.tsx';
import { IconButton } from '../../components/IconButton.tsx';
import { Sparkline } from '../../components/Sparkline.tsx';
import { formatBytes, formatLatency, formatNumber } from '../../lib/format.ts';
import { peerName, verdictOf, waitingFor } from './words.ts';

function Direction({ peer }: { peer: PeerInfo }) {
  return (
    <>
      <span className="sr-only">, {peer.direction},</span>
      <Icon name={peer.direction === 'outbound' ? 'arrow-right' : 'arrow-left'} size={13} />
    </>
  );
}

function Bytes({ peer }: { peer: PeerInfo }) {
  return (
    <div className="peer-sub">
      {formatBytes(peer.bytesIn)} in, {formatBytes(peer.bytesOut)} out
    </div>
  );
}

function Connected({ peer }: { peer: PeerInfo }) {
  const verdict = verdictOf(peer);
  return (
    <>
      <div className="peer-tip">
        <div>{peer.height === undefined ? '–' : formatNumber(peer.height)}</div>
        <div className={`peer-verdict ${verdict.tone}`}>{verdict.text}</div>
      </div>
      <div className="peer-latency">
        <div>{peer.latencyMs === undefined ? '–' : formatLatency(peer.latencyMs)}</div>
        {peer.misbehaviour > 0 ? (
          <div className="peer-verdict mine" title="Misbehaviour: at 100 the connection is dropped">
            ban {formatNumber(peer.misbehaviour)}/100
          </div>
        ) : (
          <Sparkline values={peer.latencyHistory} width={44} height={13} />
        )}
      </div>
    </>
  );
}

interface PeerRowProps {
  peer: PeerInfo;
  /** Milliseconds since 1970, for the countdown. */
  now: number;
  onRemove: (peer: PeerInfo) => void;
}

export function PeerRow({ peer, now, onRemove }: PeerRowProps) {
  const name = peerName(peer);
  const connected = peer.state === 'connected';
  const waiting = waitingFor(peer, now);
  return (
    <li className={`peer ${peer.state}`}>
      <Avatar id={peer.nodeId ?? peer.address} name={name} size={26} />
      <div className="peer-who">
        <div className="peer-name" title={peer.userAgent === undefined ? peer.address : `${peer.address}, ${peer.userAgent}`}>
          <span className="ellipsis">{name}</span>
          <Direction peer={peer} />
        </div>
        {connected || peer.lastError === undefined ? (
          <Bytes peer={peer} />
        ) : (
          <div className="peer-sub cause" title={peer.lastError}>
            {peer.lastError}
          </div>
        )}
      </div>
      {connected ? (
        <Connected peer={peer} />
      ) : (
        <div className="peer-waiting">
          <div>{peer.state === 'waiting' ? 'away' : ''}</div>
          <div className={`peer-verdict ${waiting.tone}`}>{waiting.text}</div>
        </div>
      )}
      <IconButton id={`peer-${peer.key}`} icon="x" label={`Remove peer ${name}`} className="peer-remove" onClick={() => onRemove(peer)} />
    </li>
  );
}
