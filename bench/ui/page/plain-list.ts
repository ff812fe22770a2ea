/** Builds the plain list: `?blocks=` elements with a height, a picture made from the hash and its last digits, as a tile of the chain has them. */
const SVG = 'http://www.w3.org/2000/svg';
const PITCHES = [68, 32, 12, 6];

const list = document.querySelector<HTMLElement>('#list');
if (list === null) throw new Error('the page has no #list');
const blocks = Number(new URLSearchParams(location.search).get('blocks'));

/** Numbers that look like hashes; what they are is no matter here. */
let state = 1;
function nextBits(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state;
}

function picture(bits: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 5 5');
  let path = '';
  for (let cell = 0; cell < 15; cell += 1) {
    if (((bits >>> cell) & 1) === 0) continue;
    const [x, y] = [cell % 3, Math.floor(cell / 3)];
    path += `M${x} ${y}h1v1h-1z`;
    if (x < 2) path += `M${4 - x} ${y}h1v1h-1z`;
  }
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  shape.setAttribute('fill', `hsl(${String(bits % 360)} 60% 70%)`);
  svg.append(shape);
  return svg;
}

const startedAt = performance.now();
const fragment = document.createDocumentFragment();
for (let height = 0; height < blocks; height += 1) {
  const bits = nextBits();
  const block = document.createElement('div');
  block.className = 'block';
  block.setAttribute('role', 'listitem');
  const label = document.createElement('p');
  label.textContent = height.toLocaleString('en');
  const tile = document.createElement('div');
  tile.className = 'tile';
  const digits = document.createElement('span');
  digits.textContent = bits.toString(16).slice(-4);
  tile.append(picture(bits), digits);
  block.append(label, tile);
  fragment.append(block);
}
list.append(fragment);
list.scrollLeft = (blocks * (PITCHES[0] ?? 0)) / 2;

// The wheel with Ctrl zooms, as over the chain: one step a turn of the wheel.
let zoom = 0;
list.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const middle = (list.scrollLeft + list.clientWidth / 2) / (PITCHES[zoom] ?? 1);
    zoom = Math.min(PITCHES.length - 1, Math.max(0, zoom + Math.sign(event.deltaY)));
    const pitch = PITCHES[zoom] ?? 1;
    list.style.setProperty('--pitch', `${String(pitch)}px`);
    list.scrollLeft = middle * pitch - list.clientWidth / 2;
  },
  { passive: false },
);

// The first frame ends with everything laid out and painted.
requestAnimationFrame(() => {
  setTimeout(() => {
    document.body.dataset['builtMs'] = String(performance.now() - startedAt);
  });
});
