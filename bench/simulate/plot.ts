/** Line plots as SVG text: a handful of lines need no library. Colours are told apart in greyscale by their dashes. */

export interface Line {
  name: string;
  points: readonly { x: number; y: number }[];
}

export interface PlotOptions {
  title: string;
  x: string;
  y: string;
  /** A logarithmic axis; all its values must be above 0. */
  logX?: boolean;
  logY?: boolean;
}

const WIDTH = 760;
const HEIGHT = 420;
const EDGE = { left: 76, right: 170, top: 44, bottom: 52 };
const STROKES = [
  { colour: '#1f5fc4', dash: '' },
  { colour: '#b5371f', dash: '7 4' },
  { colour: '#0b7053', dash: '2 3' },
  { colour: '#955700', dash: '10 3 2 3' },
  { colour: '#474f5a', dash: '1 4' },
];

export function plot(options: PlotOptions, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const x = axis(points.map((point) => point.x), options.logX === true, EDGE.left, WIDTH - EDGE.right);
  const y = axis(points.map((point) => point.y), options.logY === true, HEIGHT - EDGE.bottom, EDGE.top);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escape(options.title)}" font-family="Inter, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fbfaf7"/>`,
    `<text x="${String(EDGE.left)}" y="24" font-size="15" fill="#1a1e24">${escape(options.title)}</text>`,
  ];
  for (const tick of x.ticks) {
    const at = x.place(tick).toFixed(1);
    out.push(`<line x1="${at}" x2="${at}" y1="${String(EDGE.top)}" y2="${String(HEIGHT - EDGE.bottom)}" stroke="#e2ded5"/>`);
    out.push(`<text x="${at}" y="${String(HEIGHT - EDGE.bottom + 18)}" text-anchor="middle" fill="#474f5a">${label(tick)}</text>`);
  }
  for (const tick of y.ticks) {
    const at = y.place(tick).toFixed(1);
    out.push(`<line x1="${String(EDGE.left)}" x2="${String(WIDTH - EDGE.right)}" y1="${at}" y2="${at}" stroke="#e2ded5"/>`);
    out.push(`<text x="${String(EDGE.left - 8)}" y="${at}" dy="4" text-anchor="end" fill="#474f5a">${label(tick)}</text>`);
  }
  out.push(`<text x="${String((EDGE.left + WIDTH - EDGE.right) / 2)}" y="${String(HEIGHT - 12)}" text-anchor="middle" fill="#1a1e24">${escape(options.x)}</text>`);
  out.push(`<text transform="translate(18 ${String((EDGE.top + HEIGHT - EDGE.bottom) / 2)}) rotate(-90)" text-anchor="middle" fill="#1a1e24">${escape(options.y)}</text>`);
  lines.forEach((line, i) => {
    const stroke = STROKES[i % STROKES.length] as (typeof STROKES)[number];
    const path = line.points.map((point, at) => `${at === 0 ? 'M' : 'L'}${x.place(point.x).toFixed(1)} ${y.place(point.y).toFixed(1)}`).join('');
    const draw = `fill="none" stroke="${stroke.colour}" stroke-width="2" stroke-dasharray="${stroke.dash}"`;
    out.push(`<path d="${path}" ${draw}/>`);
    const at = EDGE.top + 16 + i * 22;
    const from = WIDTH - EDGE.right + 14;
    out.push(`<line x1="${String(from)}" x2="${String(from + 30)}" y1="${String(at)}" y2="${String(at)}" ${draw}/>`);
    out.push(`<text x="${String(from + 38)}" y="${String(at + 4)}" fill="#1a1e24">${escape(line.name)}</text>`);
  });
  out.push('</svg>');
  return `${out.join('\n')}\n`;
}

interface Axis {
  ticks: number[];
  place(value: number): number;
}

function axis(values: readonly number[], log: boolean, from: number, to: number): Axis {
  if (log) {
    const low = Math.floor(Math.log10(Math.min(...values)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
    const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
    return { ticks, place: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) };
  }
  const most = Math.max(...values, Number.MIN_VALUE);
  // Steps of 1, 2 or 5 times a power of ten, at most eight of them.
  const rough = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 2, 5, 10].map((times) => times * rough).find((wide) => most / wide <= 8) ?? 10 * rough;
  const count = Math.ceil(most / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, i) => i * step);
  return { ticks, place: (value) => from + (value / (count * step)) * (to - from) };
}

function label(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}
