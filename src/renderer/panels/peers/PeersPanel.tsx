import { useEffect, useMemo, useRef, useState } from 'react';
import type { PeerInfo } from '../../../shared/peers.ts';
import { IDS } from '../../app/shortcuts.ts';
import { Icon } from '../../components/icons.tsx';
import { useNow } from '../../lib/use-now.ts';
import { type PeerOrder, sortPeers, useNode } from '../../store/index.ts';
import { removePeer, spawnPeer } from './actions.ts';
import { AddPeerForm } from './AddPeerForm.tsx';
import { OrderMenu } from './OrderMenu.tsx';
import { PeerRow } from './PeerRow.tsx';
import './peers.css';

function SpawnButton() {
  const [pending, setPending] = useState(false);
  const spawn = (): void => {
    if (pending) return;
    setPending(true);
    void spawnPeer().finally(() => setPending(false));
  };
  return (
    <button id={IDS.spawn} type="button" className="button small" aria-disabled={pending} aria-busy={pending} onClick={spawn}>
      <Icon name={pending ? 'busy' : 'plus'} size={14} className={pending ? 'spin' : ''} />
      Spawn a peer
    </button>
  );
}

/** After a row went away, focus goes to the row in its place, or to the address field. */
function useRowFocus(rows: readonly PeerInfo[]) {
  const list = useRef<HTMLUListElement>(null);
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const index = wanted.current;
    wanted.current = null;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const buttons = list.current?.querySelectorAll<HTMLElement>('.peer-remove') ?? [];
    (buttons[Math.min(index, buttons.length - 1)] ?? document.getElementById(IDS.address))?.focus();
  }, [rows]);
  return { list, wanted };
}

export function PeersPanel() {
  const peers = useNode((state) => state.peers);
  const known = useNode((state) => state.node !== null);
  const [order, setOrder] = useState<PeerOrder>('name');
  const rows = useMemo(() => sortPeers(peers.values(), order), [peers, order]);
  const { list, wanted } = useRowFocus(rows);
  const now = useNow(rows.some(({ state }) => state === 'waiting') ? 1000 : null);
  const remove = (peer: PeerInfo): void => {
    wanted.current = rows.indexOf(peer);
    void removePeer(peer);
  };
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
      <ul className="peers" aria-label="Peers" ref={list}>
        {rows.map((peer) => (
          <PeerRow key={peer.key} peer={peer} now={now} onRemove={remove} />
        ))}
      </ul>
      {known && rows.length === 0 && (
        <p className="panel-empty">
          No peers yet. Spawn one on this computer, or type the address of a node that is running.
        </p>
      )}
      <AddPeerForm />
    </section>
  );
}
