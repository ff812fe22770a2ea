/** Draws what the blocks stand on: the columns with their heights, and the band of the active chain. */
import { formatNumber } from '../../lib/format.ts';
import { ACTIVE_TOP, columnLeft, columnMiddle, HEIGHT_LABEL_Y, TILE_HEIGHT } from '../geometry.ts';
import { copyBitmap, drawBitmap } from './sprites.ts';
import { isOn, type Picture, type Studio } from './studio.ts';
import { labelEvery } from './zoom.ts';

/** Free pixels around the active chain's band. */
const BAND = 10;
/** Where the dotted line of a column begins. */
const COLUMN_TOP = 124;

/** The dotted line of a column as a picture: dashes cost more to draw than to copy. */
function dotted({ sprites, palette, pixelRatio }: Studio, length: number): ImageBitmap {
  return sprites.get(`column ${length}`, () =>
    drawBitmap(Math.ceil(pixelRatio) / pixelRatio, length, pixelRatio, (context) => {
      context.globalAlpha = 0.6;
      context.strokeStyle = palette.line;
      context.lineWidth = 1;
      context.setLineDash([1, 5]);
      context.moveTo(0.5, 0);
      context.lineTo(0.5, length);
      context.stroke();
    }),
  );
}

/** Room for the height of the tip, in its heavier font, and its baseline in it. */
const TIP_LABEL = { width: 96, height: 16, baseline: 12 };

function tipLabel({ sprites, palette, pixelRatio }: Studio, text: string): ImageBitmap {
  return sprites.get(`tip ${text}`, () =>
    drawBitmap(TIP_LABEL.width, TIP_LABEL.height, pixelRatio, (context) => {
      context.font = `640 11px ${palette.fontUi}`;
      context.textAlign = 'center';
      context.fillStyle = palette.text;
      context.fillText(text, TIP_LABEL.width / 2, TIP_LABEL.baseline);
    }),
  );
}

export function paintColumns(studio: Studio, picture: Picture): void {
  const { context, palette, pixelRatio, sheet } = studio;
  const { view, metrics, geometry, x, height, first, last, isMining } = picture;
  // On a whole pixel of the screen: the tip's label is a bitmap, which lands on one, and would stand beside the others' line.
  const labelY = Math.round((HEIGHT_LABEL_Y - 2 - geometry.lift) * pixelRatio) / pixelRatio;
  const columnTop = COLUMN_TOP - geometry.lift;
  const tip = view.tipHeight;
  const next = tip + 1;
  const end = Math.min(last, Math.max(view.layout.lastHeight, next));
  const every = labelEvery(metrics.pitch, next);
  const roomForTip = every * metrics.pitch * 0.9;
  const length = Math.max(1, height - geometry.bottom - 2 - columnTop);
  const line = dotted(studio, length);
  const hasLabels = isOn(sheet, labelY - TIP_LABEL.baseline, labelY - TIP_LABEL.baseline + TIP_LABEL.height);
  if (hasLabels) {
    context.textAlign = 'center';
    const font = `450 11px ${palette.fontUi}`;
    if (sheet.font !== font) context.font = font;
    sheet.font = font;
    context.fillStyle = palette.text3;
  }
  for (let at = Math.ceil(Math.max(0, first) / every) * every; at <= end; at += every) {
    if (at === tip || (every > 1 && Math.abs(at - tip) * metrics.pitch < roomForTip)) continue;
    const middle = Math.round(columnMiddle(at, metrics) - x);
    copyBitmap(context, line, middle, columnTop, pixelRatio);
    if (!hasLabels) continue;
    const isNext = at === next && isMining;
    if (isNext) context.fillStyle = palette.mine;
    context.fillText(formatNumber(at), middle, labelY);
    if (isNext) context.fillStyle = palette.text3;
  }
  if (tip < first || tip > last) return;
  const middle = Math.round(columnMiddle(tip, metrics) - x);
  copyBitmap(context, line, middle, columnTop, pixelRatio);
  if (!hasLabels) return;
  copyBitmap(context, tipLabel(studio, formatNumber(tip)), middle - TIP_LABEL.width / 2, labelY - TIP_LABEL.baseline, pixelRatio);
}

export function paintBand({ context, palette, sheet }: Studio, { view, metrics, geometry, x, width }: Picture): void {
  const top = ACTIVE_TOP - geometry.lift - BAND;
  const height = TILE_HEIGHT + 2 * BAND;
  if (view.layout.tipHash === null || !isOn(sheet, top, top + height)) return;
  const right = columnLeft(view.tipHeight, metrics) + metrics.width + 12 - x;
  if (right <= 0) return;
  const end = Math.min(right, width + 40);
  const fill = context.createLinearGradient(-20, 0, end, 0);
  fill.addColorStop(0, 'transparent');
  fill.addColorStop(0.55, palette.bandMiddle);
  fill.addColorStop(1, palette.bandEnd);
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(-20, top, end + 20, height, 20);
  context.fill();
}
