/** Draws one block's picture: card, sockets, seal, last digits, finder. */
import { AVATAR_OUTLINES } from '../../lib/avatar-outlines.ts';
import { identityOf } from '../../lib/identity.ts';
import { GLYPH_SIDE, sealOf } from '../seal/seal.ts';
import type { BlockKind, Face } from './faces.ts';
import type { Palette } from './palette.ts';

/** Room around a picture for its sockets, shadow and mark. */
export const SPRITE_MARGIN = 8;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Cells of the seal as it is drawn: those of `Seal.tsx`. */
const CELL = 5.4;
const CELL_PITCH = 6.4;
const CELL_RADIUS = 1.4;
const EXTENT = CELL_PITCH * (GLYPH_SIDE - 1) + CELL;

function paintSeal(context: Context, hash: string, { x, y, size }: Face['seal'], palette: Palette, alpha: number): void {
  const seal = sealOf(hash);
  const gradient = context.createLinearGradient(0, 0, EXTENT, EXTENT);
  gradient.addColorStop(0, palette.seal(seal.hue));
  gradient.addColorStop(1, palette.seal(seal.hueEnd));
  context.save();
  context.translate(x, y);
  context.scale(size / EXTENT, size / EXTENT);
  context.fillStyle = gradient;
  context.globalAlpha = alpha * palette.sealOff;
  for (const lit of [false, true]) {
    if (lit) context.globalAlpha = alpha;
    context.beginPath();
    for (let cell = 0; cell < seal.cells.length; cell += 1) {
      if (seal.cells[cell] !== lit) continue;
      context.roundRect((cell % GLYPH_SIDE) * CELL_PITCH, Math.floor(cell / GLYPH_SIDE) * CELL_PITCH, CELL, CELL, CELL_RADIUS);
    }
    context.fill();
  }
  context.restore();
}

function paintFinder(context: Context, id: string, name: string, mine: boolean, at: { x: number; y: number }, palette: Palette): void {
  const { shape, hue } = identityOf(id, name, mine);
  context.save();
  context.translate(at.x, at.y);
  context.scale(0.36, 0.36);
  context.lineJoin = 'round';
  context.lineWidth = 3.2;
  context.fillStyle = palette.idFill(hue);
  context.strokeStyle = palette.idLine(hue);
  const outline = new Path2D(AVATAR_OUTLINES[shape]);
  context.fill(outline);
  context.stroke(outline);
  context.restore();
}

function paintSocket(context: Context, x: number, y: number, radius: number, color: string, palette: Palette): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = palette.stage;
  context.lineWidth = 2;
  context.stroke();
}

function paintCross(context: Context, x: number, y: number, palette: Palette): void {
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.arc(0, 0, 7, 0, 2 * Math.PI);
  context.fillStyle = palette.bad;
  context.fill();
  context.strokeStyle = palette.stage;
  context.lineWidth = 1.5;
  context.stroke();
  context.lineWidth = 1.8;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(-2.6, -2.6);
  context.lineTo(2.6, 2.6);
  context.moveTo(2.6, -2.6);
  context.lineTo(-2.6, 2.6);
  context.stroke();
  context.restore();
}

/** A block that stands as it is, or as its copy would: a card. The others are outlines. */
export const isSolid = (kind: BlockKind): boolean => kind === 'active' || kind === 'changed';
/** Dashes of the outlines, and how strong the seal is, where it is not as on the chain. */
const DASHES: Partial<Record<BlockKind, readonly number[]>> = { stale: [3, 3], invalid: [3, 3], loose: [1, 4] };
const FAINT: Partial<Record<BlockKind, number>> = { invalid: 0.4, loose: 0.5 };

/** What is on a block's picture. */
export interface TileSubject {
  /** The hash, or at least its last 16 digits. */
  readonly hash: string;
  readonly kind: BlockKind;
  /** Degrees; null on the first block. */
  readonly leftHue: number | null;
  readonly rightHue: number;
  /** Null while nobody knows, and on the first block. */
  readonly finder: { readonly id: string; readonly name: string; readonly you: boolean } | null;
}

/** Middle and baseline of the digits on a tile, and from one digit to the next. */
export const DIGITS = { x: 20.5, y: 55.5, step: 6.82 } as const;

/** The last digits of a hash on its tile. @param context with its origin at the card's left upper corner. */
export function paintDigits(context: Context, text: string, isActive: boolean, palette: Palette): void {
  context.font = `500 11px ${palette.fontMono}`;
  context.letterSpacing = '0.22px';
  context.textAlign = 'center';
  context.fillStyle = isActive ? palette.text2 : palette.text3;
  context.fillText(text, DIGITS.x, DIGITS.y);
}

/** All but the digits. @param context with its origin at the card's left upper corner, one unit a CSS pixel. */
export function paintTile(
  context: Context,
  { hash, kind, leftHue, rightHue, finder }: TileSubject,
  face: Face,
  selected: boolean,
  palette: Palette,
): void {
  const { width, height } = face;
  const solid = isSolid(kind);

  context.save();
  const line = kind === 'changed' ? 2 : selected ? 1.5 : 1;
  context.beginPath();
  context.roundRect(0.5, 0.5, width - 1, height - 1, face.radius);
  if (solid) {
    context.shadowColor = 'rgb(0 0 0 / 7%)';
    context.shadowBlur = 2;
    context.shadowOffsetY = 1;
  }
  context.fillStyle = solid ? palette.tile : palette.stage;
  context.fill();
  context.shadowColor = 'transparent';
  context.lineWidth = line;
  context.strokeStyle =
    kind === 'changed' ? palette.bad : selected ? palette.accent : kind === 'invalid' ? palette.bad : solid ? palette.tileLine : palette.control;
  const dashes = DASHES[kind];
  if (dashes !== undefined) context.setLineDash(selected ? [4, 3] : [...dashes]);
  context.stroke();
  context.setLineDash([]);

  if (leftHue !== null) paintSocket(context, 0.5, face.socketY, face.socketRadius, palette.seal(leftHue), palette);
  paintSocket(context, width - 0.5, face.socketY, face.socketRadius, palette.seal(rightHue), palette);
  paintSeal(context, hash, face.seal, palette, FAINT[kind] ?? 1);

  // Low blocks have room for one mark: that it was refused is the greater news.
  if (face.finder !== null && finder !== null && (face.digits || kind !== 'invalid')) paintFinder(context, finder.id, finder.name, finder.you, face.finder, palette);
  if (kind === 'invalid') paintCross(context, width - 4, 4, palette);
  context.restore();
}
