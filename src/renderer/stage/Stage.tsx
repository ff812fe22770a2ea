import { Menu, ZoomIn, ZoomOut } from 'lucide-react';
import { useLayoutEffect, useState } from 'react';
import { setFollowTip, setTableOpen, setZoom, useNode, useUi } from '../store/index.ts';
import { Camera } from './camera.ts';
import { METRICS, ZOOM_STEPS, zoomBy, zoomedCamera } from './canvas/zoom.ts';
import { HeadlineText } from './HeadlineText.tsx';
import { isLow } from './geometry.ts';
import { useChainIndex } from './index/useChainIndex.ts';
import { Strip } from './Strip.tsx';
import { Table } from './Table.tsx';
import { useSize } from './useSize.ts';
import './stage.css';

/** The upper part of the window: the sentence, and under it the chain as a strip or as a table. */
export function Stage() {
  const ready = useNode((state) => state.chain !== null && state.blocks.size > 0);
  const tableOpen = useUi((state) => state.tableOpen);
  const followTip = useUi((state) => state.followTip);
  const step = useUi((state) => ZOOM_STEPS[state.zoom] ?? 'tile');
  const [ref, size] = useSize();
  const [camera] = useState(() => new Camera());
  const index = useChainIndex();
  const selectedHash = useUi((state) => state.selectedHash);
  // What is chosen in the table is for the strip to show when it is back, also where it had shown that block before.
  useLayoutEffect(() => {
    if (selectedHash !== null && useUi.getState().tableOpen) camera.revealed.chosen = null;
  }, [camera, selectedHash]);
  const zoom = (steps: number): void => {
    const to = zoomBy(step, steps);
    camera.jump(zoomedCamera(camera.get(), METRICS[step], METRICS[to], (size?.width ?? 0) / 2));
    setZoom(ZOOM_STEPS.indexOf(to));
  };
  return (
    <section className={size !== null && isLow(size.height) ? 'stage stage-low' : 'stage'} aria-label="Chain" ref={ref}>
      <div className="stage-head">
        <HeadlineText />
        {!tableOpen && (
          <div className="stage-tools" role="group" aria-label="Zoom">
            <button type="button" aria-label="Zoom out" title="Zoom out (-)" aria-disabled={zoomBy(step, 1) === step} onClick={() => zoom(1)}>
              <ZoomOut size={14} strokeWidth={1.5} aria-hidden="true" focusable="false" />
            </button>
            <button type="button" aria-label="Zoom in" title="Zoom in (+)" aria-disabled={zoomBy(step, -1) === step} onClick={() => zoom(-1)}>
              <ZoomIn size={14} strokeWidth={1.5} aria-hidden="true" focusable="false" />
            </button>
          </div>
        )}
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
      {ready && size !== null && (tableOpen ? <Table /> : <Strip size={size} camera={camera} index={index} />)}
    </section>
  );
}
