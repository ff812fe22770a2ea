import { Menu } from 'lucide-react';
import { setFollowTip, setTableOpen, useNode, useUi } from '../store/index.ts';
import { HeadlineText } from './HeadlineText.tsx';
import { Strip } from './Strip.tsx';
import { Table } from './Table.tsx';
import { useSize } from './useSize.ts';
import './stage.css';

/** The upper part of the window: the sentence, and under it the chain as a strip or as a table. */
export function Stage() {
  const ready = useNode((state) => state.chain !== null && state.blocks.size > 0);
  const tableOpen = useUi((state) => state.tableOpen);
  const followTip = useUi((state) => state.followTip);
  const [ref, size] = useSize();
  return (
    <section className="stage" aria-label="Chain" ref={ref}>
      <div className="stage-head">
        <HeadlineText />
        <div className="stage-tools" role="group" aria-label="View of the chain">
          <button type="button" aria-pressed={followTip} onClick={() => setFollowTip(!followTip)}>
            Follow tip
          </button>
          <button type="button" aria-pressed={tableOpen} onClick={() => setTableOpen(!tableOpen)}>
            <Menu size={14} strokeWidth={1.5} aria-hidden="true" focusable="false" />
            Table
          </button>
        </div>
      </div>
      {ready && size !== null && (tableOpen ? <Table /> : <Strip size={size} />)}
    </section>
  );
}
