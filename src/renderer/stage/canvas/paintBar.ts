/** Draws blocks without room for a picture. What they are is told by their shape as well as by their colour. */
import type { BlockKind } from './faces.ts';
import { isSolid } from './paintTile.ts';
import { drawBitmap } from './sprites.ts';
import type { Studio } from './studio.ts';

/** Pixels by which the chosen line is longer at both ends. */
const CHOSEN = 6;
/** A stale line is cut into that many pieces; a refused one keeps only its ends, one above a changed block every second piece. */
const PIECES = 4;

export function paintLine({ context, palette }: Studio, kind: BlockKind, hue: number, left: number, top: number, width: number, height: number, selected: boolean): void {
  context.fillStyle = kind === 'changed' || (kind === 'invalid' && !selected) ? palette.bad : selected ? palette.accent : palette.seal(hue);
  const long = selected || kind === 'changed' ? CHOSEN : 0;
  if (isSolid(kind)) {
    context.fillRect(left, top - long, width, height + 2 * long);
    return;
  }
  const piece = height / (2 * PIECES - 1);
  for (let i = 0; i < PIECES; i += 1) {
    if (kind === 'invalid' && i > 0 && i < PIECES - 1) continue;
    if (kind === 'loose' && i % 2 === 0) continue;
    context.fillRect(left, top + 2 * i * piece, width, piece);
  }
  if (long > 0) {
    context.fillRect(left, top - long, width, long);
    context.fillRect(left, top + height, width, long);
  }
}

/** A bar is a picture too: there are no more of them than hues. */
export function paintBar(studio: Studio, kind: BlockKind, hue: number, left: number, top: number, width: number, height: number, selected: boolean): void {
  const { context, sprites, palette, pixelRatio } = studio;
  const sprite = sprites.get(`bar ${kind}${selected ? '+' : ''} ${width} ${height} ${isSolid(kind) ? hue : ''}`, () =>
    drawBitmap(width + 2, height + 2, pixelRatio, (own) => {
      own.translate(1, 1);
      own.beginPath();
      own.roundRect(0.5, 0.5, width - 1, height - 1, 2.5);
      own.fillStyle = isSolid(kind) ? palette.seal(hue) : palette.stage;
      own.fill();
      own.strokeStyle = kind === 'changed' ? palette.bad : selected ? palette.accent : kind === 'active' ? palette.seal(hue) : kind === 'invalid' ? palette.bad : palette.control;
      if (!isSolid(kind)) own.setLineDash(kind === 'loose' ? [1, 3] : [2, 2]);
      own.lineWidth = kind === 'changed' ? 2 : selected ? 1.5 : 1;
      own.stroke();
      if (kind !== 'invalid') return;
      own.setLineDash([]);
      own.lineWidth = 1.2;
      own.beginPath();
      own.moveTo(1.5, height / 2 - 3);
      own.lineTo(width - 1.5, height / 2 + 3);
      own.moveTo(width - 1.5, height / 2 - 3);
      own.lineTo(1.5, height / 2 + 3);
      own.stroke();
    }),
  );
  context.drawImage(sprite, left - 1, top - 1, width + 2, height + 2);
}
