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
import { select, setFollowTip, sortPeers, useNode, useShownHash, useUi } from '../store/index.ts';
import { Camera, cameraRange, clampTo, reveal } from './camera.ts';
import {
  ACTIVE_TOP,
  columnLeft,
  columnsInSight,
  EDGE_LEFT,
  laneGeometry,
  legendCorner,
  OLDER_WIDTH,
  PITCH,
  TILE_HEIGHT,
  TILE_WIDTH,
} from './geometry.ts';
import { Legend } from './Legend.tsx';
import { blocksInColumns, neighbour, type Direction } from './layout.ts';
import { pageEnvironment, SceneKeeper } from './motion.ts';
import { contentRight, standsOf } from './standing.ts';
import { usePanning } from './usePanning.ts';
import type { Size } from './useSize.ts';
import { firstWordsId, optionId, World } from './World.tsx';

/** Columns between two origins: what is drawn is placed relative to one, so that its numbers stay small at any height. */
const ORIGIN_COLUMNS = 500;

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

export function Strip({ size }: { size: Size }) {
  const { width, height: stageHeight } = size;
  const blocks = useNode((state) => state.blocks);
  const active = useNode((state) => state.active);
  const reorgId = useNode((state) => state.lastReorg?.id ?? 0);
  const node = useNode((state) => state.node);
  const peers = useNode((state) => state.peers);
  const mining = useNode((state) => state.mining);
  const followTip = useUi((state) => state.followTip);
  const selectedHash = useUi((state) => state.selectedHash);
  const shownHash = useShownHash();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  const [keeper] = useState(() => new SceneKeeper(pageEnvironment));
  const [camera] = useState(() => new Camera());
  const scene = keeper.scene(blocks, active, reorgId);
  const { layout, motion } = scene;
  const geometry = useMemo(() => laneGeometry(stageHeight, layout.sideLanes), [stageHeight, layout.sideLanes]);
  const stands = useMemo(
    () => (node === null ? [] : standsOf(layout, node, sortPeers(peers.values()))),
    [layout, node, peers],
  );

  const tipHeight = layout.tipHash === null ? 0 : (layout.blocks.get(layout.tipHash)?.block.height ?? 0);
  const hasOlder = layout.firstHeight > 0;
  const right = contentRight(tipHeight, layout.lastHeight, stands);
  const contentLeft = columnLeft(layout.firstHeight) - EDGE_LEFT - (hasOlder ? OLDER_WIDTH : 0);
  const range = useMemo(() => cameraRange(contentLeft, right, width), [contentLeft, right, width]);
  const wanted = useSyncExternalStore(camera.subscribe, camera.get);
  const x = Math.round(clampTo(range, wanted));

  // The camera goes to the tip when it follows: gliding when the tip moved or following began, at once when the window did.
  const before = useRef({ width: 0, followTip: false });
  useLayoutEffect(() => {
    const first = before.current.width === 0;
    const resized = before.current.width !== width;
    before.current = { width, followTip };
    if (first || (followTip && (resized || motion !== 'full'))) camera.jump(range.max);
    else if (followTip) camera.glide(range.max);
  }, [camera, width, followTip, range.max, motion]);
  useEffect(() => () => camera.stop(), [camera]);

  const pan = useCallback(
    (pixels: number) => {
      const from = clampTo(range, camera.get());
      const to = clampTo(range, from + pixels);
      if (to === from) return;
      camera.jump(to);
      setFollowTip(false);
    },
    [camera, range],
  );
  usePanning(list, pan);

  const [firstColumn, lastColumn] = columnsInSight(x, width);
  const originX = columnLeft(Math.floor(Math.max(0, firstColumn) / ORIGIN_COLUMNS) * ORIGIN_COLUMNS);

  // How many blocks joined since the tip was last in sight.
  const tipInSight = columnLeft(tipHeight) < x + width;
  const [seenTip, setSeenTip] = useState(tipHeight);
  if ((tipInSight && seenTip !== tipHeight) || seenTip > tipHeight) setSeenTip(tipHeight);
  const unseen = tipInSight ? 0 : tipHeight - seenTip;

  const [keyHash, setKeyHash] = useState<HashHex | null>(null);
  const [focused, setFocused] = useState(false);
  // Choosing a block anywhere takes the keyboard along.
  const [chosen, setChosen] = useState(selectedHash);
  if (chosen !== selectedHash) {
    setChosen(selectedHash);
    setKeyHash(null);
  }
  const current = [keyHash, shownHash].find((hash) => hash !== null && layout.blocks.has(hash)) ?? layout.tipHash;

  const mounted = useMemo(
    () => blocksInColumns(layout, firstColumn, lastColumn, current),
    [layout, firstColumn, lastColumn, current],
  );

  const revealColumn = useCallback(
    (height: number): void => {
      const from = clampTo(range, camera.get());
      const least = reveal(from, width, columnLeft(height), columnLeft(height) + TILE_WIDTH, PITCH);
      // The oldest block is shown with the words beside it.
      const to = height === layout.firstHeight ? range.min : clampTo(range, least);
      if (to === from) return;
      setFollowTip(false);
      if (motion === 'full') camera.glide(to);
      else camera.jump(to);
    },
    [camera, range, width, layout.firstHeight, motion],
  );

  // A block that was chosen elsewhere (the detail panel, a toast) comes into sight.
  const handled = useRef(selectedHash);
  useEffect(() => {
    if (handled.current === selectedHash) return;
    handled.current = selectedHash;
    const placed = selectedHash === null ? undefined : layout.blocks.get(selectedHash);
    if (placed !== undefined) revealColumn(placed.block.height);
  }, [selectedHash, layout, revealColumn]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === 'Enter' || event.key === ' ') && current !== null) {
      event.preventDefault();
      select(current);
      return;
    }
    const direction = KEYS[event.key];
    if (direction === undefined || current === null) return;
    event.preventDefault();
    setFocused(true);
    const next = neighbour(layout, current, direction);
    const placed = next === null ? undefined : layout.blocks.get(next);
    if (placed === undefined) return;
    setKeyHash(placed.block.hash);
    revealColumn(placed.block.height);
  };

  const onClick = (event: MouseEvent): void => {
    const hash = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-hash]')?.dataset['hash'] : undefined;
    if (hash === undefined) return;
    setKeyHash(hash);
    select(hash);
  };

  const bandRight = columnLeft(tipHeight) + TILE_WIDTH + 12 - x;
  const cutLeft = x > range.min;
  const cutRight = x < range.max;
  const legend = legendCorner(
    size,
    geometry,
    mounted.filter(({ lane }) => lane > 0).map(({ lane, block }) => ({ lane, left: columnLeft(block.height) - x })),
  );

  return (
    <div className={`strip${cutLeft ? ' strip-cut-left' : ''}${cutRight ? ' strip-cut-right' : ''}`} data-camera={x}>
      <div
        ref={list}
        className="strip-list"
        role="listbox"
        tabIndex={0}
        aria-label="Blocks of the chain, oldest first"
        aria-describedby={layout.lastHeight === 0 ? firstWordsId(listId) : undefined}
        aria-activedescendant={current === null ? undefined : optionId(listId, current)}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
      >
        {layout.tipHash !== null && bandRight > 0 && (
          <div
            className="strip-band"
            role="presentation"
            style={{ width: Math.min(bandRight, width + 40) + 20, top: ACTIVE_TOP - 10, height: TILE_HEIGHT + 20 }}
          />
        )}
        <div className="strip-world" role="presentation" style={{ transform: `translate3d(${originX - x}px, 0, 0)` }}>
          <World
            scene={scene}
            geometry={geometry}
            mounted={mounted}
            stands={stands}
            firstColumn={firstColumn}
            lastColumn={lastColumn}
            originX={originX}
            contentRight={Math.max(right, range.max + width)}
            idPrefix={listId}
            shownHash={shownHash}
            keyHash={focused ? current : null}
            nodeId={node?.nodeId}
            mining={mining}
          />
        </div>
      </div>
      {legend !== null && (legend === 'left' || unseen === 0) && <Legend corner={legend} />}
      {unseen > 0 && (
        <button type="button" className="strip-new" onClick={() => setFollowTip(true)}>
          {formatNumber(unseen)} new <span aria-hidden="true">→</span>
        </button>
      )}
    </div>
  );
}
