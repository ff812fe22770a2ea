import { type CSSProperties, memo } from 'react';
import type { PeerInfo } from '../../../shared/peers.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Icon } from '../../components/icons.tsx';
import { IconButton } from '../../components/IconButton.tsx';
import { Sparkline } from '../../components/Sparkline.tsx';
import { formatBytes, formatLatency, formatNumber } from '../../lib/format.ts';
import { cutPeer, mendPeer } from './actions.ts';
import { peerName, verdictOf, waitingFor } from './words.ts';

/** Ids of the two buttons of a row; `link` cuts or mends. */
export const buttonId = (key: string, act: PeerAct): string => (act === 'link' ? `peer-${key}` : `peer-remove-${key}`);
export type PeerAct = 'link' | 'remove';

function Direction({ peer }: { peer: PeerInfo }) {
  return (
    <>
      <span className="sr-only">, {peer.direction},</span>
      <Icon name={peer.direction === 'outbound' ? 'arrow-right' : 'arrow-left'} size={13} />
    </>
  );
}

/** The second line: what went over the wire, or what is known of a peer that is not there. */
function Below({ peer }: { peer: PeerInfo }) {
  if (peer.state === 'connected') {
    const text = `${formatBytes(peer.bytesIn)} in, ${formatBytes(peer.bytesOut)} out`;
    return (
      <div className="peer-sub" title={text}>
        {text}
      </div>
    );
  }
  if (peer.state === 'cut' || peer.lastError === undefined) return <div className="peer-sub">{peer.name === undefined ? '' : peer.address}</div>;
  return (
    <div className="peer-sub cause" title={peer.lastError}>
      {peer.lastError}
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

function Absent({ peer, now }: { peer: PeerInfo; now: number }) {
  const waiting = waitingFor(peer, now);
  return (
    <div className="peer-waiting">
      {peer.state === 'waiting' && <div>away</div>}
      <div className={`peer-verdict ${waiting.tone}`} title={waiting.text}>
        {waiting.text}
      </div>
    </div>
  );
}

/** One element for both commands, so that the focus stays where it is. */
function LinkButton({ peer, name }: { peer: PeerInfo; name: string }) {
  const cut = peer.state === 'cut';
  const label = cut ? `Mend the link to ${name}` : `Cut the link to ${name}`;
  return (
    <button
      id={buttonId(peer.key, 'link')}
      type="button"
      className={cut ? 'button small peer-mend' : 'icon-button peer-act'}
      aria-label={label}
      title={label}
      onClick={() => void (cut ? mendPeer(peer) : cutPeer(peer))}
    >
      {cut ? 'Mend' : <Icon name="scissors" />}
    </button>
  );
}

interface PeerRowProps {
  peer: PeerInfo;
  /** Milliseconds since 1970, for the countdown. */
  now: number;
  onRemove: (peer: PeerInfo) => void;
  /** Where it stands among all rows, when only some of them exist. */
  place?: { index: number; of: number; style: CSSProperties };
}

export const PeerRow = memo(function PeerRow({ peer, now, onRemove, place }: PeerRowProps) {
  const name = peerName(peer);
  return (
    <li
      className={`peer ${peer.state}`}
      data-key={peer.key}
      {...(place === undefined
        ? {}
        : { style: place.style, 'aria-posinset': place.index + 1, 'aria-setsize': place.of })}
    >
      <Avatar id={peer.nodeId ?? peer.address} name={name} size={26} />
      <div className="peer-who">
        <div className="peer-name" title={peer.userAgent === undefined ? peer.address : `${name}, ${peer.address}, ${peer.userAgent}`}>
          <bdi className="ellipsis">{name}</bdi>
          <Direction peer={peer} />
        </div>
        <Below peer={peer} />
      </div>
      {peer.state === 'connected' ? <Connected peer={peer} /> : <Absent peer={peer} now={now} />}
      <LinkButton peer={peer} name={name} />
      <IconButton
        id={buttonId(peer.key, 'remove')}
        icon="x"
        label={`Remove peer ${name}`}
        className="peer-act peer-remove"
        onClick={() => onRemove(peer)}
      />
    </li>
  );
});
