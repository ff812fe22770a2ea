import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeEach, expect, it } from 'vitest';
import { Child } from '../../../src/renderer/panels/block/BlockFacts.tsx';
import { LastResult } from '../../../src/renderer/panels/mine/reports.tsx';
import { useUi } from '../../../src/renderer/store/index.ts';
import { chainOf, hashOf, snapshotOf } from '../store/helpers.ts';

/** Presses the button that a component consists of. */
function press(component: () => ReactElement<{ onClick: () => void }> | null): void {
  let button: ReactElement<{ onClick: () => void }> | null = null;
  function Drawn() {
    button = component();
    return button;
  }
  renderToStaticMarkup(<Drawn />);
  (button as ReactElement<{ onClick: () => void }> | null)?.props.onClick();
}

beforeEach(() => useUi.setState({ selectedHash: null, selectedHeight: null }));

it('chooses a child with its height, so that the table finds it where the window does not hold it', () => {
  press(() => Child({ child: { hash: hashOf('c'), height: 31, branch: 'active' } }));
  expect(useUi.getState()).toMatchObject({ selectedHash: hashOf('c'), selectedHeight: 31 });
});

it('chooses the block that was found last with its height', () => {
  const { mining } = snapshotOf(chainOf('a', 4));
  press(() => LastResult({ mining: { ...mining, lastResult: { jobId: 1, outcome: 'found', hash: hashOf('f'), height: 12, hashes: 900 } } }));
  expect(useUi.getState()).toMatchObject({ selectedHash: hashOf('f'), selectedHeight: 12 });
});
