import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { formatTime } from '../../../src/renderer/lib/format.ts';
import { layoutChain, type PlacedBlock } from '../../../src/renderer/stage/layout.ts';
import { Seal } from '../../../src/renderer/stage/seal/Seal.tsx';
import { Row } from '../../../src/renderer/stage/Table.tsx';
import { CELL_DATA_GRAPHEMES } from '../../../src/renderer/stage/limits.ts';
import { Tile, tileLabel } from '../../../src/renderer/stage/Tile.tsx';
import { makeTree, run } from './make.ts';

const tree = makeTree('g', [...run('a', 3, 'g'), 'd1<a1'], 'a3');
const layout = layoutChain(tree);
function placed(name: string, more: Partial<BlockSummary> = {}): PlacedBlock {
  const found = layout.blocks.get(tree.hash(name));
  if (found === undefined) throw new Error(`No block ${name}`);
  return { ...found, block: { ...found.block, ...more } };
}
const tile = (of: PlacedBlock, more: Partial<Parameters<typeof Tile.type>[0]> = {}): string =>
  renderToStaticMarkup(
    <Tile id="t" placed={of} left={0} top={0} glyph={false} selected={false} current={false} mine={false} freshAt={null} motion="snap" {...more} />,
  );

describe('tileLabel', () => {
  it('reads height, branch, hash ending, finder and time', () => {
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

describe('Tile', () => {
  it('is an option that says whether it is chosen', () => {
    expect(tile(placed('a2'))).toContain('role="option" aria-selected="false"');
    expect(tile(placed('a2'), { selected: true })).toContain('aria-selected="true"');
    expect(tile(placed('a2'), { description: 'Held by you' })).toContain('aria-description="Held by you"');
  });

  it('tells its states apart by more than colour', () => {
    const active = tile(placed('a2'));
    expect(active).toContain('tile-active');
    expect(tile(placed('d1'))).toContain('tile-stale');
    const invalid = tile(placed('d1', { branch: 'invalid' }));
    expect(invalid).toContain('tile-invalid');
    expect(invalid).toContain('tile-cross');
    expect(tile(placed('a2'), { selected: true })).toContain('tile-ring');
    expect(active).not.toContain('tile-ring');
  });

  it('has two sockets, genesis one', () => {
    const sockets = (markup: string): number => markup.split('class="socket"').length - 1;
    expect(sockets(tile(placed('a2')))).toBe(2);
    expect(sockets(tile(placed('g')))).toBe(1);
  });

  it('shows a stranger\'s name as text', () => {
    const markup = tile(placed('a2', { minerName: '<img src=x onerror=alert(1)>' }));
    expect(markup).not.toContain('<img');
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
