import { Menu } from '@base-ui/react/menu';
import { useRef } from 'react';
import { Icon } from '../../components/icons.tsx';
import { PEER_ORDERS, type PeerOrder } from '../../store/index.ts';

const WORDS: Record<PeerOrder, string> = { name: 'Name', height: 'Height', latency: 'Latency', bytes: 'Bytes' };

/** Chooses the order of the rows. */
export function OrderMenu({ order, onChange }: { order: PeerOrder; onChange: (order: PeerOrder) => void }) {
  // Inside the panel: what stands outside every landmark is skipped by those who go from one to the next.
  const place = useRef<HTMLDivElement>(null);
  const label = `Sort peers, now by ${WORDS[order].toLowerCase()}`;
  return (
    <Menu.Root>
      <Menu.Trigger className="icon-button" aria-label={label} title={label}>
        <Icon name="sort" />
      </Menu.Trigger>
      <div ref={place} />
      <Menu.Portal container={place}>
        <Menu.Positioner className="popover-place" sideOffset={6} align="end">
          <Menu.Popup className="popover menu">
            <Menu.RadioGroup value={order} onValueChange={(next: PeerOrder) => onChange(next)} aria-label="Sort peers by">
              {PEER_ORDERS.map((each) => (
                <Menu.RadioItem key={each} value={each} closeOnClick className="menu-item">
                  <span className="order-mark">{each === order && <Icon name="check" size={14} />}</span>
                  {WORDS[each]}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
