import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { formatTime } from '../../../src/renderer/lib/format.ts';
import { layoutChain, type PlacedBlock } from '../../../src/renderer/stage/layout.ts';
import { hueOf } from '../../../src/renderer/stage/seal/seal.ts';
import { Seal } from '../../../src/renderer/stage/seal/Seal.tsx';
import { Row } from '../../../src/renderer/stage/Table.tsx';
import { CELL_DATA_GRAPHEMES } from '../../../src/renderer/stage/limits.ts';
import { Broken } from '../../../src/renderer/stage/canvas/broken.ts';
import { METRICS, ZOOM_STEPS } from '../../../src/renderer/stage/canvas/zoom.ts';
import { Changed } from '../../../src/renderer/stage/Changed.tsx';
import { laneGeometry } from '../../../src/renderer/stage/geometry.ts';
import { Options, tileLabel } from '../../../src/renderer/stage/Options.tsx';
import { makeTree, run } from './make.ts';

const tree = makeTree('g', [...run('a', 3, 'g'), 'd1<a1'], 'a3');
const layout = layoutChain(tree);
function placed(name: string, more: Partial<BlockSummary> = {}): PlacedBlock {
  const found = layout.blocks.get(tree.hash(name));
  if (found === undefined) throw new Error(`No block ${name}`);
  return { ...found, block: { ...found.block, ...more } };
}
const option = (of: PlacedBlock, more: { shownHash?: string; held?: string } = {}): string =>
  renderToStaticMarkup(
    <Options
      blocks={[of]}
      geometry={laneGeometry(396, 1)}
      metrics={METRICS.tile}
      originX={0}
      idPrefix="t"
      shownHash={more.shownHash ?? null}
      held={new Map(more.held === undefined ? [] : [[of.block.hash, more.held]])}
    />,
  );

describe('tileLabel', () => {
  it('UI-29 a block option reads height, branch, hash ending, finder and time', () => {
    const block = placed('a2', { height: 1312, minerName: 'Birch' });
    const { hash, time } = block.block;
    expect(tileLabel(block)).toBe(
      `Block 1,312, active chain, hash ending ${hash.slice(-4)}, found by Birch, ${formatTime(time)}`,
    );
    expect(tileLabel(placed('d1'))).toContain(', stale branch, ');
    expect(tileLabel(placed('d1', { branch: 'invalid' }))).toContain(', invalid, ');
    expect(tileLabel(placed('g'))).toContain('the first block');
    expect(tileLabel(placed('a2', { minerName: '' }))).toContain('finder unknown');
  });
});

describe('Options', () => {
  it('says of each block whether it is chosen, and who holds it', () => {
    const block = placed('a2');
    expect(option(block)).toContain('role="option" aria-selected="false"');
    expect(option(block, { shownHash: block.block.hash })).toContain('aria-selected="true"');
    expect(option(block, { held: 'Held by you' })).toContain('aria-description="Held by you"');
  });

  it('stands where its block is drawn', () => {
    expect(option(placed('a2'))).toContain(`left:${2 * METRICS.tile.pitch}px;top:166px;width:52px;height:64px`);
    expect(option(placed('d1'))).toContain(`left:${2 * METRICS.tile.pitch}px`);
    expect(option(placed('d1'))).not.toContain('top:166px');
  });

  it('repeats the parent\'s hue on its left, genesis has none', () => {
    const hue = placed('a1').rightHue;
    expect(option(placed('a2'))).toContain(`data-left-hue="${hue}"`);
    expect(option(placed('g'))).not.toContain('data-left-hue');
  });

  it('tells its states apart by their words', () => {
    expect(option(placed('d1', { branch: 'invalid' }))).toContain('tile-invalid');
    expect(option(placed('d1'))).toContain('stale branch');
  });

  it('shows a stranger\'s name as text', () => {
    expect(option(placed('a2', { minerName: '<img src=x onerror=alert(1)>' }))).not.toContain('<img');
  });
});

describe('a changed copy', () => {
  const change = { hash: tree.hash('a1'), height: 1, newHash: `${'f3'.repeat(30)}beef`, active: true };
  const broken = new Broken(tree.blocks.values(), change);
  const words = (name: string): string => tileLabel(placed(name), broken);

  it('UI-15 is told in words, on the block and on all that stand above it', () => {
    expect(words('a1')).toMatch(/, changed: its copy’s hash ends in beef$/);
    for (const name of ['a2', 'a3', 'd1']) expect(words(name), name).toMatch(/, no longer follows$/);
    expect(words('g')).toBe(tileLabel(placed('g')));
  });

  it('UI-15 hands on another hue than the next block repeats', () => {
    const markup = (name: string): string =>
      renderToStaticMarkup(<Options blocks={[placed(name)]} geometry={laneGeometry(396, 1)} metrics={METRICS.tile} originX={0} idPrefix="t" shownHash={null} held={new Map()} broken={broken} />);
    expect(markup('a1')).toContain(`data-right-hue="${String(hueOf(change.newHash))}"`);
    expect(markup('a1')).toContain('tile-changed');
    expect(markup('a2')).toContain(`data-left-hue="${String(hueOf(change.hash))}"`);
    expect(markup('a2')).toContain('tile-loose');
    expect(hueOf(change.newHash)).not.toBe(hueOf(change.hash));
  });

  it('UI-15 says "changed" on the chain, and ≠ at each link that is cut', () => {
    const marks = (step: keyof typeof METRICS): string =>
      renderToStaticMarkup(<Changed broken={broken} layout={layout} lane={0} geometry={laneGeometry(396, 1, METRICS[step])} metrics={METRICS[step]} originX={0} />);
    for (const step of ZOOM_STEPS) expect(marks(step), step).toContain('changed</span>');
    // One for the next block, one for the branch that leaves here.
    expect(marks('tile').split('≠')).toHaveLength(3);
    expect(marks('line').split('≠')).toHaveLength(2);
  });
});

describe('a row of the table', () => {
  const row = (block: BlockSummary | undefined, more: Partial<Parameters<typeof Row.type>[0]> = {}): string =>
    renderToStaticMarkup(
      <table>
        <tbody>
          <Row block={block} height={7} index={4} top={0} selected={false} reachable={false} nodeId="me" failed={false} {...more} />
        </tbody>
      </table>,
    );

  it('has the seven cells, and the number of its row', () => {
    const { block } = placed('a2', { nonce: 290177, dataPreview: 'sensor 3' });
    const markup = row(block);
    expect(markup.split('role="cell"').length - 1).toBe(7);
    // The header is row 1.
    expect(markup).toContain('aria-rowindex="6"');
    for (const text of [block.hash, block.previousHash, 'sensor 3', 'Birch', '290,177']) expect(markup).toContain(text);
  });

  it('marks stale and invalid blocks in words', () => {
    expect(row(placed('a2').block)).not.toContain('row-mark');
    expect(row(placed('d1').block)).toContain('>stale<');
    expect(row(placed('d1', { branch: 'invalid' }).block)).toContain('>invalid<');
  });

  it('UI-15 says which block a copy of is changed, and which no longer follow', () => {
    expect(row(placed('a1').block, { mark: 'changed' })).toContain('≠ changed');
    expect(row(placed('a2').block, { mark: 'loose' })).toContain('no longer follows');
    expect(row(placed('a2').block)).not.toMatch(/changed|follows/);
  });

  it('cuts data, as text', () => {
    const markup = row(placed('a2', { dataPreview: `<b>${'x'.repeat(999)}` }).block);
    expect(markup).toContain('&lt;b&gt;');
    const shown = /cell-cut"[^>]*>([^<]*)</.exec(markup)?.[1] ?? '';
    expect(shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toHaveLength(CELL_DATA_GRAPHEMES + 1);
  });

  it('says that it loads, or that nobody answered', () => {
    expect(row(undefined)).toContain('Loading');
    expect(row(undefined, { failed: true })).toContain('asking again');
    expect(row(undefined)).toContain('>7<');
  });
});

describe('Seal', () => {
  it('is decorative, and its gradient has an id of its own', () => {
    const markup = renderToStaticMarkup(
      <>
        <Seal hash={tree.hash('a1')} />
        <Seal hash={tree.hash('a1')} size={18} />
      </>,
    );
    const ids = [...markup.matchAll(/<linearGradient id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(2);
    expect(markup.split('aria-hidden="true"').length - 1).toBe(2);
  });
});
