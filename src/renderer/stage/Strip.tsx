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
import { formatNumber, plural } from '../lib/format.ts';
import { select, setFollowTip, sortPeers, useNode, useShownHash, useUi } from '../store/index.ts';
import { Camera, cameraRange, clampTo, reveal } from './camera.ts';
import {
  ACTIVE_TOP,
  columnLeft,
  columnMiddle,
  EDGE_LEFT,
  HEIGHT_LABEL_Y,
  laneGeometry,
  legendFits,
  OLDER_WIDTH,
  PITCH,
  SOCKET_Y,
  TILE_HEIGHT,
  TILE_WIDTH,
} from './geometry.ts';
import { Ghost } from './Ghost.tsx';
import { Legend } from './Legend.tsx';
import { Link, linkPath, socketYOf } from './Links.tsx';
import { neighbour, type Direction } from './layout.ts';
import { MAX_MOUNTED_TILES, OVERSCAN_COLUMNS } from './limits.ts';
import { pageEnvironment, SceneKeeper } from './motion.ts';
import { hueColor } from './seal/Seal.tsx';
import { Standing } from './Standing.tsx';
import { contentRight, holders, standsOf } from './standing.ts';
import { Tile } from './Tile.tsx';
import { usePanning } from './usePanning.ts';
import type { Size } from './useSize.ts';

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
  const firstWordsId = `${listId}-first`;
  const list = useRef<HTMLDivElement>(null);

  const [keeper] = useState(() => new SceneKeeper(pageEnvironment));
  const [camera] = useState(() => new Camera());
  const scene = keeper.scene(blocks, active, reorgId);
  const { layout, fresh, motion } = scene;
  const geometry = useMemo(() => laneGeometry(stageHeight, layout.sideLanes), [stageHeight, layout.sideLanes]);
  const stands = useMemo(
    () => (node === null ? [] : standsOf(layout, node, sortPeers(peers.values()))),
    [layout, node, peers],
  );
  const held = useMemo(() => new Map(stands.map((stand) => [stand.hash, holders(stand)])), [stands]);

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

  const firstColumn = Math.floor(x / PITCH) - OVERSCAN_COLUMNS;
  const lastColumn = Math.ceil((x + width) / PITCH) + OVERSCAN_COLUMNS;
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
  const optionId = (hash: HashHex): string => `${listId}-${hash.slice(-16)}`;

  const mounted = useMemo(() => {
    const inSight = [...layout.blocks.values()].filter(
      ({ block }) => (block.height >= firstColumn && block.height <= lastColumn) || block.hash === current,
    );
    inSight.sort((a, b) => a.block.height - b.block.height || a.lane - b.lane);
    return inSight.slice(-MAX_MOUNTED_TILES);
  }, [layout, firstColumn, lastColumn, current]);

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

  const tip = layout.tipHash === null ? undefined : layout.blocks.get(layout.tipHash);
  const columns: number[] = [];
  for (let h = Math.max(firstColumn, layout.firstHeight); h <= Math.min(lastColumn, Math.max(layout.lastHeight, tipHeight + 1)); h += 1) {
    columns.push(h);
  }
  const bandRight = columnLeft(tipHeight) + TILE_WIDTH + 12 - x;
  const isMining = mining?.status === 'mining';
  const cutLeft = x > range.min;
  const cutRight = x < range.max;
  const showLegend = legendFits(
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
        aria-describedby={layout.lastHeight === 0 ? firstWordsId : undefined}
        aria-activedescendant={current === null ? undefined : optionId(current)}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
      >
        {tip !== undefined && bandRight > 0 && (
          <div className="strip-band" role="presentation" style={{ width: Math.min(bandRight, width + 40) + 20, top: ACTIVE_TOP - 10, height: TILE_HEIGHT + 20 }} />
        )}
        <div className="strip-world" role="presentation" style={{ transform: `translate3d(${originX - x}px, 0, 0)` }}>
          <div aria-hidden="true">
            {columns.map((h) => (
              <div
                key={h}
                className={`column${h === tipHeight ? ' column-tip' : ''}${h === tipHeight + 1 && isMining ? ' column-next' : ''}`}
                style={{ left: columnMiddle(h) - originX }}
              >
                <span style={{ top: HEIGHT_LABEL_Y - 16 }}>{formatNumber(h)}</span>
              </div>
            ))}
          </div>
          <svg className="strip-links" width="1" height="1" aria-hidden="true" focusable="false">
            <defs>
              {mounted.map(({ block, leftHue }) =>
                leftHue === null || layout.blocks.has(block.previousHash) ? null : (
                  <linearGradient key={block.hash} id={`${optionId(block.hash)}-in`}>
                    <stop offset="0" style={{ stopColor: hueColor(leftHue), stopOpacity: 0 }} />
                    <stop offset="1" style={{ stopColor: hueColor(leftHue) }} />
                  </linearGradient>
                ),
              )}
            </defs>
            {mounted.map(({ block, lane, leftHue }) =>
              leftHue === null || layout.blocks.has(block.previousHash) ? null : (
                <rect
                  key={block.hash}
                  x={columnLeft(block.height) - originX - 39}
                  y={socketYOf(geometry, lane) - 1.5}
                  width="38"
                  height="3"
                  fill={`url(#${optionId(block.hash)}-in)`}
                />
              ),
            )}
            {layout.links
              .filter((link) => link.toHeight >= firstColumn && link.fromHeight <= lastColumn)
              .map((link) => (
                <Link
                  key={link.key}
                  path={linkPath(link, geometry, originX)}
                  hue={link.hue}
                  side={link.toLane > 0 && link.fromLane === link.toLane}
                  fresh={fresh.has(link.to)}
                  motion={motion}
                />
              ))}
            {tip !== undefined && (
              <path
                className="link link-dotted"
                d={`M${columnLeft(tipHeight) - originX + TILE_WIDTH + 3} ${ACTIVE_TOP + SOCKET_Y}h11`}
                style={{ stroke: hueColor(tip.rightHue) }}
              />
            )}
          </svg>
          {mounted.map((placed) => (
            <Tile
              key={placed.block.hash}
              id={optionId(placed.block.hash)}
              placed={placed}
              left={columnLeft(placed.block.height) - originX}
              top={geometry.tops[placed.lane] ?? ACTIVE_TOP}
              glyph={placed.lane > 0 && geometry.glyphs}
              selected={placed.block.hash === shownHash}
              current={focused && placed.block.hash === current}
              mine={node !== null && placed.block.minerId === node.nodeId}
              fresh={fresh.has(placed.block.hash)}
              motion={motion}
              description={held.get(placed.block.hash)}
            />
          ))}
          {hasOlder && (
            <p className="strip-older" aria-hidden="true" style={{ left: columnLeft(layout.firstHeight) - originX - OLDER_WIDTH, top: ACTIVE_TOP }}>
              Older blocks stand in the Table.
            </p>
          )}
          {layout.lastHeight === 0 && (
            <p className="strip-first" id={firstWordsId} aria-hidden="true" style={{ left: columnLeft(2) - originX + 12, top: ACTIVE_TOP }}>
              <b>This is the first block.</b>
              {isMining ? 'The second one is being mined now.' : 'Press Mine block to find the second one.'}
            </p>
          )}
          {tip !== undefined && <Ghost left={columnLeft(tipHeight + 1) - originX} top={ACTIVE_TOP} mining={mining} />}
          <div className="strip-stands" aria-hidden="true">
            {stands
              .filter((stand) => stand.height >= firstColumn - 4 && stand.height <= lastColumn)
              .map((stand) => (
                <Standing
                  key={stand.hash}
                  stand={stand}
                  geometry={geometry}
                  originX={originX}
                  roomToEnd={Math.max(right, range.max + width) - columnLeft(stand.height) - TILE_WIDTH}
                />
              ))}
            {[...layout.hidden].map(([h, count]) => (
              <span
                key={h}
                className="strip-hidden"
                style={{ left: columnMiddle(h) - originX + 6, top: ACTIVE_TOP + TILE_HEIGHT + 2 }}
                title={`${plural(count, 'more branch', 'more branches')} left here: the table lists the blocks.`}
              >
                +{count}
              </span>
            ))}
          </div>
        </div>
      </div>
      {showLegend && <Legend />}
      {unseen > 0 && (
        <button type="button" className="strip-new" onClick={() => setFollowTip(true)}>
          {formatNumber(unseen)} new <span aria-hidden="true">→</span>
        </button>
      )}
    </div>
  );
}
