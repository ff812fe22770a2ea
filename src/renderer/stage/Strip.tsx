import {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type MouseEvent,
} from 'react';
import type { HashHex } from '../../shared/blocks.ts';
import { formatNumber } from '../lib/format.ts';
import { choosing, fetchDetail, select, setFollowTip, setZoom, sortPeers, takeFocus, useNode, useShownHash, useUi } from '../store/index.ts';
import { useTamper } from '../tamper/tamper-store.ts';
import { cameraRange, clampTo, reveal, type Camera } from './camera.ts';
import { Broken } from './canvas/broken.ts';
import { ChainCanvas } from './canvas/ChainCanvas.tsx';
import { ChainView, optionBlocks, type Direction } from './canvas/chainView.ts';
import { activeAt, blockAt } from './canvas/hit.ts';
import { cameraFor, heightAt, METRICS, ZOOM_STEPS, zoomBy, zoomedCamera } from './canvas/zoom.ts';
import { columnLeft, columnsInSight, EDGE_LEFT, hasOverview, laneGeometry, legendCorner } from './geometry.ts';
import { Legend } from './Legend.tsx';
import type { ChainIndex } from './index/useChainIndex.ts';
import { DETAIL_PAUSE_MS, MAX_OPTIONS } from './limits.ts';
import { pageEnvironment, SceneKeeper } from './motion.ts';
import { optionId, Options } from './Options.tsx';
import { firstWordsId, hasFirstWords, Overlay } from './Overlay.tsx';
import { Overview } from './overview/Overview.tsx';
import { contentRight, holders, standsOf } from './standing.ts';
import { seenNow, type Seen } from './unseen.ts';
import { useOlder } from './useOlder.ts';
import { usePaused } from './usePaused.ts';
import { usePanning } from './usePanning.ts';
import { useReveal } from './useReveal.ts';
import type { Size } from './useSize.ts';

/** Columns between two origins: what is laid over the canvas is placed relative to one, so that its numbers stay small at any height. */
const ORIGIN_COLUMNS = 500;
/** Stage widths beyond which the camera goes at once: nobody could follow it. */
const GLIDE_WIDTHS = 3;

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'parent',
  ArrowRight: 'child',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
  PageUp: 'page-back',
  PageDown: 'page-on',
};
const ZOOM_KEYS: Readonly<Record<string, number>> = { '+': -1, '=': -1, '-': 1 };

/** Selects a block of the active chain that is not known here, or only by its seal. */
function selectActive(height: number): void {
  const isLast = choosing();
  fetchDetail(height).then(
    (block) => {
      if (block !== null && isLast()) select(block.hash, block.height);
    },
    // Nothing was chosen then: the next click asks again.
    () => undefined,
  );
}

export function Strip({ size, camera, index }: { size: Size; camera: Camera; index: ChainIndex }) {
  const { width, height: stageHeight } = size;
  const blocks = useNode((state) => state.blocks);
  const active = useNode((state) => state.active);
  const reorgId = useNode((state) => state.lastReorg?.id ?? 0);
  const node = useNode((state) => state.node);
  const peers = useNode((state) => state.peers);
  const mining = useNode((state) => state.mining);
  const followTip = useUi((state) => state.followTip);
  const selectedHash = useUi((state) => state.selectedHash);
  const selectedHeight = useUi((state) => state.selectedHeight);
  const step = useUi((state) => ZOOM_STEPS[state.zoom] ?? 'tile');
  const shownHash = useShownHash();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const metrics = METRICS[step];

  const [keeper] = useState(() => new SceneKeeper(pageEnvironment));
  const { pages, pagesVersion, side, wantBranches } = useOlder();
  const { columns, version, want: wantIndexed } = index;
  const scene = keeper.scene(blocks, active, reorgId, side);
  const { layout, motion } = scene;
  // `pagesVersion` and `version` stand for what `pages` and `columns` hold.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const view = useMemo(() => new ChainView(layout, pages, columns), [layout, pages, pagesVersion, columns, version]);
  const { tipHeight } = view;
  const change = useTamper((state) => state.change);
  const broken = useMemo(() => (change === null ? null : new Broken([...layout.blocks.values()].map(({ block }) => block), change)), [layout, change]);
  const geometry = useMemo(() => laneGeometry(stageHeight, layout.sideLanes, metrics), [stageHeight, layout.sideLanes, metrics]);
  const stands = useMemo(
    () => (node === null ? [] : standsOf(layout, node, sortPeers(peers.values()))),
    [layout, node, peers],
  );
  const held = useMemo(() => new Map(stands.map((stand) => [stand.hash, holders(stand)])), [stands]);

  const right = contentRight(tipHeight, layout.lastHeight, stands, metrics);
  const range = useMemo(() => cameraRange(-EDGE_LEFT, right, width), [right, width]);
  // Where nothing glides, whoever follows stands at the end: waiting for the camera to go there would draw everything twice for each block.
  const atEnd = followTip && motion !== 'full';
  const wanted = useSyncExternalStore(camera.subscribe, () => (atEnd ? Infinity : camera.get()));
  const x = Math.round(clampTo(range, wanted));

  // The camera goes to the tip when it follows: gliding when the tip moved or following began, at once when the window or the zoom did, or when the strip
  // comes in place of the table. Otherwise only its very first place is there.
  const before = useRef({ width: 0, metrics });
  useLayoutEffect(() => {
    const resized = before.current.width !== width || before.current.metrics !== metrics;
    before.current = { width, metrics };
    const far = range.max - camera.get() > GLIDE_WIDTHS * width;
    if (!camera.placed || (followTip && (resized || far || motion !== 'full'))) camera.jump(range.max);
    else if (followTip) camera.glide(range.max);
    camera.placed = true;
  }, [camera, width, metrics, followTip, range.max, motion]);
  useEffect(() => () => camera.stop(), [camera]);

  const moveTo = useCallback(
    (target: number, glides: boolean): void => {
      const from = clampTo(range, camera.get());
      const to = clampTo(range, target);
      if (to === from) return;
      setFollowTip(false);
      if (glides && motion === 'full' && Math.abs(to - from) <= GLIDE_WIDTHS * width) camera.glide(to);
      else camera.jump(to);
    },
    [camera, range, width, motion],
  );
  const pan = useCallback(
    (pixels: number) => moveTo(clampTo(range, camera.get()) + pixels, false),
    [camera, range, moveTo],
  );
  const zoom = useCallback(
    (steps: number, anchor: number): void => {
      const to = METRICS[zoomBy(step, steps)];
      if (to.step === step) return;
      camera.jump(zoomedCamera(clampTo(range, camera.get()), metrics, to, anchor));
      setZoom(ZOOM_STEPS.indexOf(to.step));
    },
    [camera, range, step, metrics],
  );
  usePanning(list, pan, zoom);

  const [firstColumn, lastColumn] = columnsInSight(x, width, metrics);
  const originX = columnLeft(Math.floor(Math.max(0, firstColumn) / ORIGIN_COLUMNS) * ORIGIN_COLUMNS, metrics);
  useEffect(() => wantIndexed(firstColumn, lastColumn), [wantIndexed, firstColumn, lastColumn]);

  // How many blocks joined since the tip was last in sight.
  const tipInSight = columnLeft(tipHeight, metrics) < x + width;
  const fork = useNode((state) => state.lastReorg?.value.forkHeight);
  const [seen, setSeen] = useState<Seen>(() => camera.seen ?? { height: tipHeight, reorgId });
  const nowSeen = seenNow(seen, { tipHeight, tipInSight, reorgId, fork });
  if (nowSeen !== seen) setSeen(nowSeen);
  useLayoutEffect(() => {
    camera.seen = nowSeen;
  }, [camera, nowSeen]);
  const unseen = tipHeight - nowSeen.height;

  const [keyHash, setKeyHash] = useState<HashHex | null>(null);
  /** A height to stand on as soon as its block is known. */
  const [seek, setSeek] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  // Choosing a block anywhere takes the keyboard along.
  const [chosen, setChosen] = useState(selectedHash);
  if (chosen !== selectedHash) {
    setChosen(selectedHash);
    setKeyHash(null);
  }
  const sought = seek === null ? undefined : view.at(seek);
  useEffect(() => {
    if (seek === null || sought === undefined) return;
    setSeek(null);
    setKeyHash(sought.block.hash);
  }, [seek, sought]);
  const current = [keyHash, shownHash].find((hash) => hash !== null && view.get(hash) !== undefined) ?? layout.tipHash;

  const firstInSight = Math.ceil((x - metrics.width) / metrics.pitch);
  const lastInSight = Math.floor((x + width) / metrics.pitch);
  // The facts of blocks are fetched for those that options stand for; the others are drawn by their seals.
  const anchor = Math.min(lastColumn, Math.max(firstColumn, (current === null ? undefined : view.get(current))?.block.height ?? lastColumn));
  const wantDetails = usePaused(DETAIL_PAUSE_MS);
  useEffect(() => {
    wantDetails(() => {
      const first = Math.max(firstColumn, anchor - MAX_OPTIONS);
      // The chosen block first: zoomed out it may stand far from where the keyboard is.
      const chosenInSight = selectedHeight !== null && selectedHeight >= firstColumn && selectedHeight <= lastColumn;
      pages.want([
        ...(chosenInSight ? view.unknown(selectedHeight, selectedHeight) : []),
        ...(seek === null ? [] : view.unknown(seek, seek)),
        ...view.unknown(first, Math.min(lastColumn, anchor + MAX_OPTIONS)),
      ]);
      wantBranches(firstColumn, lastColumn);
    });
  }, [wantDetails, pages, wantBranches, view, firstColumn, lastColumn, anchor, seek, selectedHeight]);

  const options = useMemo(
    () => optionBlocks(view, firstInSight, lastInSight, current === null ? undefined : view.get(current), MAX_OPTIONS),
    [view, firstInSight, lastInSight, current],
  );

  const revealColumn = useCallback(
    (height: number, last = height): void => {
      const left = columnLeft(height, metrics);
      const from = clampTo(range, camera.get());
      const right = columnLeft(last, metrics) + metrics.width;
      const nearest = reveal(from, width, left, Math.min(right, left + width - 2 * METRICS.tile.pitch), METRICS.tile.pitch);
      // What is far away comes to the middle, with what stands around it.
      moveTo(Math.abs(nearest - from) > width ? left + (metrics.width - width) / 2 : nearest, true);
    },
    [camera, range, width, metrics, moveTo],
  );
  const goTo = (height: number): void => {
    setSeek(height);
    revealColumn(height);
  };

  useReveal(camera, view, pages, revealColumn);

  useEffect(() => {
    if (takeFocus()) list.current?.focus({ preventScroll: true });
  }, []);

  // With its height: the table finds a block by it that the window does not hold.
  const choose = (hash: HashHex): void => select(hash, view.get(hash)?.block.height);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === 'Enter' || event.key === ' ') && current !== null) {
      event.preventDefault();
      // On its way to a block that is not known yet: that one is meant, not the one before.
      if (seek === null) choose(current);
      else selectActive(seek);
      return;
    }
    const steps = ZOOM_KEYS[event.key];
    if (steps !== undefined) {
      event.preventDefault();
      const at = current === null ? undefined : view.get(current);
      const anchor = at === undefined ? width / 2 : columnLeft(at.block.height, metrics) + metrics.width / 2 - x;
      zoom(steps, anchor >= 0 && anchor <= width ? anchor : width / 2);
      return;
    }
    const direction = KEYS[event.key];
    if (direction === undefined || current === null) return;
    event.preventDefault();
    setFocused(true);
    const next = view.neighbour(current, direction);
    if (next === null) return;
    if (next.hash === null) goTo(next.height);
    else {
      setSeek(null);
      setKeyHash(next.hash);
      revealColumn(next.height);
    }
  };

  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    // A presentation shows the stage larger: pixels of the pointer are not its own.
    const scale = event.currentTarget.currentCSSZoom;
    const atX = (event.clientX - box.left) / scale + x;
    const atY = (event.clientY - box.top) / scale;
    const placed = blockAt(view, geometry, metrics, atX, atY);
    // A screen reader's click has no place of its own: it is meant for the option.
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-hash]')?.dataset['hash'] : undefined;
    const hash = option ?? placed?.block.hash;
    if (hash === undefined) {
      const height = activeAt(view, geometry, metrics, atX, atY);
      if (height !== null) selectActive(height);
      return;
    }
    setSeek(null);
    setKeyHash(hash);
    choose(hash);
  };

  const legend = legendCorner(
    size,
    geometry,
    view
      .inColumns(firstInSight, lastInSight)
      .filter(({ lane }) => lane > 0)
      .map(({ lane, block }) => ({ lane, left: columnLeft(block.height, metrics) - x })),
  );
  const middle = Math.min(tipHeight, Math.max(0, Math.round(heightAt(x, metrics, width / 2))));

  return (
    <div
      className={`strip${x > range.min ? ' strip-cut-left' : ''}${x < range.max ? ' strip-cut-right' : ''}`}
      data-camera={x}
      data-zoom={step}
    >
      <div
        ref={list}
        className="strip-list"
        role="listbox"
        tabIndex={0}
        aria-label="Blocks of the chain, oldest first"
        aria-describedby={hasFirstWords(layout, metrics) ? firstWordsId(listId) : undefined}
        aria-activedescendant={current === null ? undefined : optionId(listId, current)}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
      >
        <ChainCanvas
          view={view}
          scene={scene}
          geometry={geometry}
          metrics={metrics}
          x={x}
          width={width}
          height={stageHeight}
          first={firstColumn}
          last={lastColumn}
          shownHash={shownHash}
          keyHash={focused ? current : null}
          nodeId={node?.nodeId}
          isMining={mining?.status === 'mining'}
          broken={broken}
        />
        <div className="strip-world" role="presentation" style={{ transform: `translate3d(${originX - x}px, 0, 0)` }}>
          <Options
            blocks={options}
            geometry={geometry}
            metrics={metrics}
            originX={originX}
            idPrefix={listId}
            shownHash={shownHash}
            held={held}
            broken={broken}
          />
          <Overlay
            layout={layout}
            tipHeight={tipHeight}
            geometry={geometry}
            metrics={metrics}
            stands={stands}
            firstColumn={firstColumn}
            lastColumn={lastColumn}
            originX={originX}
            contentRight={Math.max(right, range.max + width)}
            idPrefix={listId}
            mining={mining}
            broken={broken}
            brokenLane={change === null ? null : (view.get(change.hash)?.lane ?? (change.active ? 0 : null))}
          />
        </div>
      </div>
      {legend !== null && step === 'tile' && (legend === 'left' || unseen === 0) && <Legend corner={legend} bottom={geometry.bottom + 6} />}
      {unseen > 0 && (
        <button type="button" className="strip-new" style={{ bottom: geometry.bottom + 4 }} onClick={() => setFollowTip(true)}>
          {formatNumber(unseen)} new <span aria-hidden="true">→</span>
        </button>
      )}
      {hasOverview(stageHeight, layout.sideLanes) && (
        <Overview
          tipHeight={tipHeight}
          firstInSight={x / metrics.pitch}
          lastInSight={(x + width) / metrics.pitch}
          middle={middle}
          onGo={(height) => moveTo(cameraFor(height, metrics, width / 2), false)}
        />
      )}
    </div>
  );
}
