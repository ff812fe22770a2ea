/** Draws the chain as the camera sees it. One call, one picture; what moves is asked of Movement. */
import { hashEnding } from '../../lib/identity.ts';
import { columnLeft, columnMiddle, socketYOf } from '../geometry.ts';
import type { PlacedBlock } from '../layout.ts';
import type { ChainView } from './chainView.ts';
import { faceOf, kindOf, type BlockKind, type Face } from './faces.ts';
import type { Pose } from './movement.ts';
import { paintBar, paintLine } from './paintBar.ts';
import { paintBand, paintColumns } from './paintGround.ts';
import { DIGITS, isSolid, paintDigits, paintTile, SPRITE_MARGIN, type TileSubject } from './paintTile.ts';
import { routeOf, traceRoute, type Route } from './routes.ts';
import { copyBitmap, drawBitmap, spriteKey } from './sprites.ts';
import { isOn, type Picture, type Sheet, type Studio, type Tools } from './studio.ts';
import type { Metrics } from './zoom.ts';

/** Pictures that one frame may add to the cache. In a quick scroll a block is in sight for a frame or two: a picture of its own would not pay. */
const NEW_SPRITES = 3;
/** Pixels around a block that its marks, its shadow and its links reach into. */
const AROUND = 10;

/** @param passing whether this is gone again before it could be seen: then no picture of a block is worth keeping. */
export function paintChain(sheets: readonly Sheet[], tools: Tools, picture: Picture, now: number, passing = false): void {
  const room = { left: passing ? 0 : NEW_SPRITES };
  for (const sheet of sheets) paintSheet({ ...tools, context: sheet.context, sheet, room }, picture, now);
}

function paintSheet(studio: Studio, picture: Picture, now: number): void {
  const { context, pixelRatio, sheet } = studio;
  const { width, view, first, last } = picture;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, -Math.round(sheet.top * pixelRatio));
  // The canvas is opaque: nothing below it has to be mixed in.
  context.fillStyle = studio.palette.stage;
  context.fillRect(0, sheet.top, width, sheet.bottom - sheet.top);
  context.textBaseline = 'alphabetic';
  paintColumns(studio, picture);
  paintBand(studio, picture);
  const blocks = view.inColumns(first, last);
  const isLine = picture.metrics.step === 'line';
  if (!isLine) {
    context.lineWidth = picture.metrics.step === 'tile' ? 3 : 2;
    context.lineCap = 'round';
    paintIndexedLinks(studio, picture);
    for (const placed of blocks) paintLink(studio, picture, placed, now);
  }
  paintNext(studio, picture);
  paintIndexed(studio, picture);
  for (const placed of blocks) paintBlock(studio, picture, placed, now);
}

/** From the tip to the place of the next block. */
function paintNext({ context, palette, sheet }: Studio, { view, metrics, geometry, x, broken }: Picture): void {
  const y = socketYOf(geometry, 0);
  if (!isOn(sheet, y - AROUND, y + AROUND)) return;
  const tip = view.at(view.tipHeight);
  // The next block is mined on the tip as it is: nothing leads there from a changed one.
  if (tip === undefined || metrics.step !== 'tile' || broken?.change.hash === tip.block.hash) return;
  const left = columnLeft(view.tipHeight, metrics) + metrics.width + 3 - x;
  context.save();
  context.strokeStyle = palette.seal(tip.rightHue);
  context.lineWidth = 3;
  context.lineCap = 'round';
  context.setLineDash([0.1, 6]);
  context.beginPath();
  context.moveTo(left, y);
  context.lineTo(left + 11, y);
  context.stroke();
  context.restore();
}

/** Calls back for every height in sight whose block is not known but perhaps in the index. */
function eachUnknown({ view, first, last }: Picture, call: (height: number) => void): void {
  const end = Math.min(last, view.tipHeight);
  for (let height = Math.max(0, first); height <= end; height += 1) if (view.at(height) === undefined) call(height);
}

/** The links of blocks of which only the seal is known: all straight, all at rest. */
function paintIndexedLinks({ context, palette, sheet }: Studio, picture: Picture): void {
  const { view, metrics, geometry, x, broken } = picture;
  const { index } = view;
  const y = socketYOf(geometry, 0);
  if (!isOn(sheet, y - AROUND, y + AROUND)) return;
  eachUnknown(picture, (height) => {
    const hue = index.hueAt(height - 1);
    if (height === 0 || hue < 0 || !index.has(height)) return;
    const x0 = columnLeft(height - 1, metrics) + metrics.width + 1 - x;
    const x1 = columnLeft(height, metrics) - 1 - x;
    const route: Route = { bent: false, x0, y0: y, x1, y1: y, length: x1 - x0 };
    const mark = broken?.markAt(height - 1) ?? null;
    if (broken !== null && mark !== null) strokeBroken(context, route, mark === 'changed' ? palette.seal(broken.hue) : null, palette.seal(hue));
    else {
      context.strokeStyle = palette.seal(hue);
      stroke(context, route);
    }
  });
}

function stroke(context: CanvasRenderingContext2D, route: Route): void {
  context.beginPath();
  traceRoute(context, route);
  context.stroke();
}

/** Pixels of a cut link beside the parent, and of the gap after them. */
const STUB = 3;
const CUT = 8;
/** The link between two blocks that no longer follow. */
const LOOSE_DASH = [0.1, 5.5];

/** @param cutColor the colour that the changed parent hands on now; null when the link is whole, but below it one is not. */
function strokeBroken(context: CanvasRenderingContext2D, route: Route, cutColor: string | null, color: string): void {
  if (cutColor !== null) {
    context.setLineDash([STUB, route.length + CUT]);
    context.strokeStyle = cutColor;
    stroke(context, route);
    context.setLineDash([route.length + CUT, STUB + CUT]);
    context.lineDashOffset = -(STUB + CUT);
  } else context.setLineDash(LOOSE_DASH);
  context.strokeStyle = color;
  stroke(context, route);
  context.setLineDash([]);
  context.lineDashOffset = 0;
}

/** Blocks of the active chain whose facts are on their way: by their seal, or else as an empty place. */
function paintIndexed(studio: Studio, picture: Picture): void {
  const { context, palette, sheet } = studio;
  const { view, metrics, x, geometry, broken } = picture;
  const { index } = view;
  const face = faceOf(metrics, 0, geometry.sideHeight);
  const top = geometry.tops[0] ?? 0;
  if (!isOn(sheet, top - AROUND, top + metrics.height + AROUND)) return;
  eachUnknown(picture, (height) => {
    const left = columnLeft(height, metrics) - x;
    const kind: BlockKind = broken?.markAt(height) ?? 'active';
    const hue = kind === 'changed' ? (broken?.hue ?? -1) : index.hueAt(height);
    if (hue < 0) {
      context.fillStyle = palette.tile;
      context.strokeStyle = palette.line;
      context.lineWidth = 1;
      context.beginPath();
      if (metrics.step === 'line') context.rect(left, socketYOf(geometry, 0) - 1, metrics.pitch, 2);
      else context.roundRect(left + 0.5, top + 0.5, metrics.width - 1, metrics.height - 1, Math.min(10, metrics.width / 3));
      context.fill();
      if (metrics.step !== 'line') context.stroke();
    } else if (metrics.step === 'line') paintLine(studio, kind, hue, left, top, metrics.width, metrics.height, false);
    else if (face === null) paintBar(studio, kind, hue, left, top, metrics.width, metrics.height, false);
    else {
      const leftHue = height === 0 ? -1 : index.hueAt(height - 1);
      const hash = (kind === 'changed' ? broken?.change.newHash.slice(-16) : index.tailAt(height)) ?? '';
      const subject = { hash, kind, leftHue: leftHue < 0 ? null : leftHue, rightHue: hue, finder: null };
      // Without the hue below, the picture would be kept without its left socket.
      const key = leftHue < 0 && height > 0 ? `${hash} open` : hash;
      paintPicture(studio, subject, key, face, false, left, top, false);
    }
  });
}

const socketOf = (metrics: Metrics, face: Face | null, lane: number, sideHeight: number): number =>
  face?.socketY ?? (lane === 0 ? metrics.socket : sideHeight / 2);

function paintLink({ context, palette, movement, sheet }: Studio, picture: Picture, placed: PlacedBlock, now: number): void {
  const { block, lane, leftHue } = placed;
  if (leftHue === null) return;
  const { view, metrics, geometry, x, broken } = picture;
  const pose = movement.pose(block.hash, geometry.tops[lane] ?? 0, now);
  if (pose.link === 0) return;
  const { top, alpha, link } = pose;
  const fromLane = laneBelow(view, placed);
  const fromTop = movement.pose(block.previousHash, geometry.tops[fromLane] ?? 0, now).top;
  const fromHeight = fromLane === 0 ? metrics.height : geometry.sideHeight;
  const tallest = Math.max(metrics.height, geometry.sideHeight);
  if (!isOn(sheet, Math.min(top, fromTop) - AROUND, Math.max(top, fromTop) + tallest + AROUND)) return;
  const route = routeOf({
    fromRight: columnLeft(block.height - 1, metrics) + metrics.width - x,
    fromMiddle: columnMiddle(block.height - 1, metrics) - x,
    toLeft: columnLeft(block.height, metrics) - x,
    fromTop,
    fromBottom: fromTop + fromHeight,
    fromY: fromTop + socketOf(metrics, faceOf(metrics, fromLane, geometry.sideHeight), fromLane, geometry.sideHeight),
    toY: top + socketOf(metrics, faceOf(metrics, lane, geometry.sideHeight), lane, geometry.sideHeight),
    straight: fromLane === lane,
  });
  const opacity = (lane > 0 && fromLane === lane ? 0.8 : 1) * (link < 1 ? 1 : alpha);
  if (opacity !== 1) context.globalAlpha = opacity;
  const cut = broken?.cuts(block) === true;
  if (broken !== null && (cut || broken.markOf(block) === 'loose')) strokeBroken(context, route, cut ? palette.seal(broken.hue) : null, palette.seal(leftHue));
  else {
    context.strokeStyle = palette.seal(leftHue);
    if (link < 1) context.setLineDash([route.length * link, route.length + 4]);
    stroke(context, route);
    if (link < 1) context.setLineDash([]);
  }
  if (opacity !== 1) context.globalAlpha = 1;
}

/**
 * The lane of a block's parent. A parent that is not known may still be told by its seal: where the active chain has another block
 * at that height, the branch goes on to the left in its own lane.
 */
function laneBelow(view: ChainView, { block, lane }: PlacedBlock): number {
  const parent = view.get(block.previousHash);
  if (parent !== undefined) return parent.lane;
  const tail = view.index.tailAt(block.height - 1);
  return tail === undefined || block.previousHash.endsWith(tail) ? 0 : lane;
}

function paintBlock(studio: Studio, picture: Picture, placed: PlacedBlock, now: number): void {
  const { context, palette, movement, sheet } = studio;
  const { metrics, geometry, x, shownHash, keyHash, broken } = picture;
  const { block, lane, leftHue } = placed;
  const pose: Pose = movement.pose(block.hash, geometry.tops[lane] ?? 0, now);
  const { top, alpha, scale } = pose;
  if (alpha === 0) return;
  const face = faceOf(metrics, lane, geometry.sideHeight);
  const left = columnLeft(block.height, metrics) - x;
  const { width } = metrics;
  const height = lane === 0 ? metrics.height : geometry.sideHeight;
  if (!isOn(sheet, top - AROUND, top + height + AROUND)) return;
  const selected = block.hash === shownHash;
  // Saving and restoring for each of several hundred lines would cost more than drawing them.
  const moves = alpha !== 1 || scale !== 1;
  if (moves) {
    context.save();
    context.globalAlpha = alpha;
    context.translate(left + width / 2, top + height / 2);
    context.scale(scale, scale);
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
  const kind: BlockKind = kindOf(placed, broken);
  // Of a changed block its copy is drawn: another seal, another hue to hand on.
  const hash = kind === 'changed' && broken !== null ? broken.change.newHash : block.hash;
  const rightHue = kind === 'changed' && broken !== null ? broken.hue : placed.rightHue;
  if (face !== null) {
    const finder = face.finder === null || block.height === 0 ? null : { id: block.minerId, name: block.minerName, you: block.minerId === picture.nodeId };
    paintPicture(studio, { hash, kind, leftHue, rightHue, finder }, hash.slice(-16), face, selected, left, top, moves);
  } else if (metrics.step === 'line') paintLine(studio, kind, rightHue, left, top, width, height, selected);
  else paintBar(studio, kind, rightHue, left, top, width, height, selected);
  if (moves) context.restore();
}

/** @param moves whether the context is scaled or faded: then the picture must be one. */
function paintPicture(studio: Studio, subject: TileSubject, tail: string, face: Face, selected: boolean, left: number, top: number, moves: boolean): void {
  const { context, sprites, palette, room, pixelRatio } = studio;
  const key = spriteKey({ face: face.name, kind: subject.kind, selected, finder: subject.finder !== null, tail });
  let sprite = sprites.find(key);
  if (sprite === undefined && (moves || room.left > 0)) {
    room.left -= 1;
    sprite = sprites.get(key, () => drawSprite(studio, subject, face, selected));
  }
  if (sprite !== undefined) {
    // What moves is scaled or between two places anyhow.
    if (moves) context.drawImage(sprite, left - SPRITE_MARGIN, top - SPRITE_MARGIN, face.width + 2 * SPRITE_MARGIN, face.height + 2 * SPRITE_MARGIN);
    else copyBitmap(context, sprite, left - SPRITE_MARGIN, top - SPRITE_MARGIN, pixelRatio);
    return;
  }
  context.translate(left, top);
  paintTile(context, subject, face, selected, palette);
  context.translate(-left, -top);
  if (face.digits) copyDigits(studio, subject, left, top);
}

/** Pixels around a digit's picture. */
const DIGIT = { width: 9, height: 14, baseline: 11 };

/** The digits of a tile that is drawn in place, copied one by one: another font on the window's own canvas would cost a look at all styles. */
function copyDigits({ context, sprites, palette, pixelRatio }: Studio, { hash, kind }: TileSubject, left: number, top: number): void {
  const text = hashEnding(hash);
  const isActive = isSolid(kind);
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charAt(i);
    const sprite = sprites.get(`digit ${digit}${isActive ? '' : '-'}`, () =>
      drawBitmap(DIGIT.width, DIGIT.height, pixelRatio, (own) => {
        own.translate(DIGIT.width / 2 - DIGITS.x, DIGIT.baseline - DIGITS.y);
        paintDigits(own, digit, isActive, palette);
      }),
    );
    const x = left + DIGITS.x + (i - (text.length - 1) / 2) * DIGITS.step - DIGIT.width / 2;
    copyBitmap(context, sprite, x, Math.round(top + DIGITS.y - DIGIT.baseline), pixelRatio);
  }
}

function drawSprite({ palette, pixelRatio }: Studio, subject: TileSubject, face: Face, selected: boolean): ImageBitmap {
  return drawBitmap(face.width + 2 * SPRITE_MARGIN, face.height + 2 * SPRITE_MARGIN, pixelRatio, (context) => {
    context.translate(SPRITE_MARGIN, SPRITE_MARGIN);
    paintTile(context, subject, face, selected, palette);
    if (face.digits) paintDigits(context, hashEnding(subject.hash), isSolid(subject.kind), palette);
  });
}
