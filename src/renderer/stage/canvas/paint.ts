/** Draws the chain as the camera sees it. One call, one picture; what moves is asked of Movement. */
import type { HashHex } from '../../../shared/blocks.ts';
import { formatNumber } from '../../lib/format.ts';
import { ACTIVE_TOP, activeTop, columnLeft, columnMiddle, edgeBottom, HEIGHT_LABEL_Y, LINE_Y, TILE_HEIGHT, type LaneGeometry } from '../geometry.ts';
import type { PlacedBlock } from '../layout.ts';
import type { ChainView } from './chainView.ts';
import { faceOf, kindOf, type Face } from './faces.ts';
import type { Movement, Pose } from './movement.ts';
import { paintTile, SPRITE_MARGIN } from './paintTile.ts';
import { thin, type Palette } from './palette.ts';
import { routeOf, traceRoute } from './routes.ts';
import { spriteKey, type SpriteCache } from './sprites.ts';
import { labelEvery, type Metrics } from './zoom.ts';

export interface Picture {
  view: ChainView;
  geometry: LaneGeometry;
  metrics: Metrics;
  /** Camera: pixels of the chain at the stage's left edge. */
  x: number;
  width: number;
  height: number;
  /** Heights in sight, with some to spare. */
  first: number;
  last: number;
  shownHash: HashHex | null;
  /** Where the keyboard stands, while it is on the chain. */
  keyHash: HashHex | null;
  nodeId: string | undefined;
  isMining: boolean;
}

export interface Studio {
  context: CanvasRenderingContext2D;
  palette: Palette;
  pixelRatio: number;
  sprites: SpriteCache<OffscreenCanvas>;
  movement: Movement;
}

/** Free pixels around the active chain's band. */
const BAND = 10;

export function paintChain(studio: Studio, picture: Picture, now: number): void {
  const { context, pixelRatio } = studio;
  const { width, height, view, first, last } = picture;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.textBaseline = 'alphabetic';
  paintColumns(studio, picture);
  paintBand(studio, picture);
  const blocks = view.inColumns(first, last);
  for (const height of view.unknown(first, last)) paintUnknown(studio, picture, height);
  const poses = new Map<HashHex, Pose>();
  for (const { block, lane } of blocks) {
    poses.set(block.hash, studio.movement.pose(block.hash, picture.geometry.tops[lane] ?? 0, now));
  }
  if (picture.metrics.step !== 'line') for (const placed of blocks) paintLink(studio, picture, placed, poses);
  paintNext(studio, picture);
  for (const placed of blocks) paintBlock(studio, picture, placed, poses.get(placed.block.hash));
}

/** From the tip to the place of the next block. */
function paintNext({ context, palette }: Studio, { view, metrics, x }: Picture): void {
  const tip = view.at(view.tipHeight);
  if (tip === undefined || metrics.step !== 'tile') return;
  const left = columnLeft(view.tipHeight, metrics) + metrics.width + 3 - x;
  context.save();
  context.strokeStyle = palette.seal(tip.rightHue);
  context.lineWidth = 3;
  context.lineCap = 'round';
  context.setLineDash([0.1, 6]);
  context.beginPath();
  context.moveTo(left, LINE_Y);
  context.lineTo(left + 11, LINE_Y);
  context.stroke();
  context.restore();
}

function paintColumns({ context, palette }: Studio, picture: Picture): void {
  const { view, metrics, x, height, first, last, isMining } = picture;
  const next = view.tipHeight + 1;
  const end = Math.min(last, Math.max(view.layout.lastHeight, next));
  const every = labelEvery(metrics.pitch, next);
  const roomForTip = every * metrics.pitch * 0.9;
  context.textAlign = 'center';
  const column = (at: number): void => {
    const middle = Math.round(columnMiddle(at, metrics) - x);
    context.save();
    context.globalAlpha = 0.6;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.setLineDash([1, 5]);
    context.beginPath();
    context.moveTo(middle + 0.5, 124);
    context.lineTo(middle + 0.5, height - edgeBottom(height) - 2);
    context.stroke();
    context.restore();
    const isTip = at === view.tipHeight;
    context.font = `${isTip ? 640 : 450} 11px ${palette.fontUi}`;
    context.fillStyle = isTip ? palette.text : at === next && isMining ? palette.mine : palette.text3;
    context.fillText(formatNumber(at), middle, HEIGHT_LABEL_Y - 2);
  };
  for (let at = Math.ceil(Math.max(0, first) / every) * every; at <= end; at += every) {
    const isTip = at === view.tipHeight;
    if (every > 1 && !isTip && Math.abs(columnMiddle(at, metrics) - columnMiddle(view.tipHeight, metrics)) < roomForTip) continue;
    column(at);
  }
  if (every > 1 && view.tipHeight % every !== 0 && view.tipHeight >= first && view.tipHeight <= last) column(view.tipHeight);
}

function paintBand({ context, palette }: Studio, picture: Picture): void {
  const { view, metrics, x, width } = picture;
  if (view.layout.tipHash === null) return;
  const right = columnLeft(view.tipHeight, metrics) + metrics.width + 12 - x;
  if (right <= 0) return;
  const end = Math.min(right, width + 40);
  const fill = context.createLinearGradient(-20, 0, end, 0);
  fill.addColorStop(0, 'transparent');
  fill.addColorStop(0.55, thin(palette.accent, 0.05));
  fill.addColorStop(1, thin(palette.accent, 0.1));
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(-20, ACTIVE_TOP - BAND, end + 20, TILE_HEIGHT + 2 * BAND, 20);
  context.fill();
}

/** The place of a block whose facts are on their way. */
function paintUnknown({ context, palette }: Studio, { metrics, x }: Picture, height: number): void {
  const left = columnLeft(height, metrics) - x;
  context.fillStyle = palette.tile;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  if (metrics.step === 'line') context.rect(left, LINE_Y - 1, metrics.pitch, 2);
  else context.roundRect(left + 0.5, activeTop(metrics) + 0.5, metrics.width - 1, metrics.height - 1, Math.min(10, metrics.width / 3));
  context.fill();
  if (metrics.step !== 'line') context.stroke();
}

const socketOf = (metrics: Metrics, face: Face | null, lane: number, sideHeight: number): number =>
  face?.socketY ?? (lane === 0 ? metrics.socket : sideHeight / 2);

function paintLink({ context, palette }: Studio, picture: Picture, placed: PlacedBlock, poses: ReadonlyMap<HashHex, Pose>): void {
  const { block, lane, leftHue } = placed;
  if (leftHue === null) return;
  const { view, metrics, geometry, x } = picture;
  const pose = poses.get(block.hash);
  if (pose === undefined || pose.link === 0) return;
  // Older parents may not be known: a block beside the chain then left it one height below, a block of the chain stands on it.
  const parent = view.get(block.previousHash);
  const fromLane = parent?.lane ?? 0;
  const fromTop = poses.get(block.previousHash)?.top ?? geometry.tops[fromLane] ?? 0;
  const fromHeight = fromLane === 0 ? metrics.height : geometry.sideHeight;
  const route = routeOf({
    fromRight: columnLeft(block.height - 1, metrics) + metrics.width - x,
    fromMiddle: columnMiddle(block.height - 1, metrics) - x,
    toLeft: columnLeft(block.height, metrics) - x,
    fromTop,
    fromBottom: fromTop + fromHeight,
    fromY: fromTop + socketOf(metrics, faceOf(metrics, fromLane, geometry.sideHeight), fromLane, geometry.sideHeight),
    toY: pose.top + socketOf(metrics, faceOf(metrics, lane, geometry.sideHeight), lane, geometry.sideHeight),
    straight: fromLane === lane,
  });
  context.save();
  context.globalAlpha = (lane > 0 && fromLane === lane ? 0.8 : 1) * (pose.link < 1 ? 1 : pose.alpha);
  context.strokeStyle = palette.seal(leftHue);
  context.lineWidth = metrics.step === 'tile' ? 3 : 2;
  context.lineCap = 'round';
  if (pose.link < 1) context.setLineDash([route.length * pose.link, route.length + 4]);
  context.beginPath();
  traceRoute(context, route);
  context.stroke();
  context.restore();
}

function paintBlock(studio: Studio, picture: Picture, placed: PlacedBlock, pose: Pose | undefined): void {
  if (pose === undefined || pose.alpha === 0) return;
  const { context, palette } = studio;
  const { metrics, geometry, x, shownHash, keyHash, nodeId } = picture;
  const { block, lane } = placed;
  const face = faceOf(metrics, lane, geometry.sideHeight);
  const left = columnLeft(block.height, metrics) - x;
  const { top } = pose;
  const width = metrics.width;
  const height = lane === 0 ? metrics.height : geometry.sideHeight;
  const selected = block.hash === shownHash;
  // Saving and restoring for each of several hundred lines would cost more than drawing them.
  const moves = pose.alpha !== 1 || pose.scale !== 1;
  if (moves) {
    context.save();
    context.globalAlpha = pose.alpha;
    context.translate(left + width / 2, top + height / 2);
    context.scale(pose.scale, pose.scale);
    context.translate(-left - width / 2, -top - height / 2);
  }
  const radius = face?.radius ?? 3;
  if (selected) {
    context.fillStyle = palette.glow;
    context.beginPath();
    context.roundRect(left - 5, top - 5, width + 10, height + 10, radius + 4.5);
    context.fill();
  }
  if (block.hash === keyHash) {
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.roundRect(left - 4, top - 4, width + 8, height + 8, radius + 3.5);
    context.stroke();
  }
  if (face === null) paintBar(studio, placed, left, top, width, height, selected, metrics.step === 'line');
  else {
    const sprite = spriteOf(studio, placed, face, selected, nodeId);
    context.drawImage(sprite, left - SPRITE_MARGIN, top - SPRITE_MARGIN, width + 2 * SPRITE_MARGIN, height + 2 * SPRITE_MARGIN);
  }
  if (moves) context.restore();
}

function paintBar({ context, palette }: Studio, placed: PlacedBlock, left: number, top: number, width: number, height: number, selected: boolean, line: boolean): void {
  const kind = kindOf(placed);
  const color = kind === 'invalid' ? palette.bad : palette.seal(placed.rightHue);
  if (line) {
    context.fillStyle = selected ? palette.accent : color;
    context.fillRect(left, top, width, height);
    return;
  }
  context.beginPath();
  context.roundRect(left + 0.5, top + 0.5, width - 1, height - 1, 2.5);
  context.fillStyle = kind === 'active' ? color : palette.stage;
  context.fill();
  context.strokeStyle = selected ? palette.accent : kind === 'active' ? color : palette.control;
  if (kind === 'invalid') context.strokeStyle = palette.bad;
  if (kind !== 'active') context.setLineDash([2, 2]);
  context.lineWidth = selected ? 1.5 : 1;
  context.stroke();
  context.setLineDash([]);
}

function spriteOf({ sprites, palette, pixelRatio }: Studio, placed: PlacedBlock, face: Face, selected: boolean, nodeId: string | undefined): OffscreenCanvas {
  const key = spriteKey({ face: face.name, kind: kindOf(placed), selected, hash: placed.block.hash });
  return sprites.get(key, () => {
    const width = Math.round((face.width + 2 * SPRITE_MARGIN) * pixelRatio);
    const height = Math.round((face.height + 2 * SPRITE_MARGIN) * pixelRatio);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (context === null) return canvas;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, SPRITE_MARGIN * pixelRatio, SPRITE_MARGIN * pixelRatio);
    paintTile(context, placed, face, { selected, nodeId }, palette);
    return canvas;
  });
}
