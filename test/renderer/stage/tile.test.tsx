import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { formatTime } from '../../../src/renderer/lib/format.ts';
import { layoutChain, type PlacedBlock } from '../../../src/renderer/stage/layout.ts';
import { Seal } from '../../../src/renderer/stage/seal/Seal.tsx';
import { Row } from '../../../src/renderer/stage/Table.tsx';
import { CELL_DATA_GRAPHEMES } from '../../../src/renderer/stage/limits.ts';
import { METRICS } from '../../../src/renderer/stage/canvas/zoom.ts';
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

  it('cuts data, as text', () => {
    const markup = row(placed('a2', { dataPreview: `<b>${'x'.repeat(999)}` }).block);
    expect(markup).toContain('&lt;b&gt;');
    const shown = /cell-cut">([^<]*)</.exec(markup)?.[1] ?? '';
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
