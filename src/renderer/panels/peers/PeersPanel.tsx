import { useEffect, useMemo, useRef, useState } from 'react';
import type { PeerInfo } from '../../../shared/peers.ts';
import { IDS } from '../../app/shortcuts.ts';
import { Icon } from '../../components/icons.tsx';
import { type PeerOrder, sortPeers, useNode } from '../../store/index.ts';
import { spawnPeerAndMeet } from './actions.ts';
import { AddPeerForm } from './AddPeerForm.tsx';
import { OrderMenu } from './OrderMenu.tsx';
import { PeerList } from './PeerList.tsx';
import { cutNews } from './words.ts';
import './peers.css';

function SpawnButton() {
  const [pending, setPending] = useState(false);
  const spawn = (): void => {
    if (pending) return;
    setPending(true);
    void spawnPeerAndMeet().finally(() => setPending(false));
  };
  return (
    <button id={IDS.spawn} type="button" className="button small" aria-disabled={pending} aria-busy={pending} onClick={spawn}>
      <Icon name={pending ? 'busy' : 'plus'} size={14} className={pending ? 'spin' : ''} />
      Spawn a peer
    </button>
  );
}

/** Cutting and mending by either side, said once to those who do not see the rows. */
function CutNews({ peers }: { peers: ReadonlyMap<string, PeerInfo> }) {
  const before = useRef(peers);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const news = cutNews(before.current, peers);
    before.current = peers;
    if (news !== '') setSaid(news);
  }, [peers]);
  return (
    <p className="sr-only" aria-live="polite">
      {said}
    </p>
  );
}

export function PeersPanel() {
  const peers = useNode((state) => state.peers);
  const known = useNode((state) => state.node !== null);
  const [order, setOrder] = useState<PeerOrder>('name');
  const rows = useMemo(() => sortPeers(peers.values(), order), [peers, order]);
  return (
    <section className="panel peers-panel" data-region="peers" aria-labelledby="peers-title">
      <div className="panel-head">
        <h2 id="peers-title">Peers</h2>
        <span className="panel-count">{rows.length}</span>
        <div className="panel-tools">
          {rows.length > 1 && <OrderMenu order={order} onChange={setOrder} />}
          <SpawnButton />
        </div>
      </div>
      <PeerList rows={rows} />
      <CutNews peers={peers} />
      {known && rows.length === 0 && (
        <p className="panel-empty">
          No peers yet. Spawn one on this computer, or type the address of a node that is running.
        </p>
      )}
      <AddPeerForm />
    </section>
  );
}
