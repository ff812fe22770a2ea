import { CSPProvider } from '@base-ui/react/csp-provider';
import { useEffect } from 'react';
import type { MenuCommand } from '../../shared/ipc.ts';
import { Icon } from '../components/icons.tsx';
import { HintCard } from '../hints/HintCard.tsx';
import { startHints } from '../hints/hints-store.ts';
import { client } from '../lib/client.ts';
import { BlockPanel } from '../panels/block/BlockPanel.tsx';
import { startMining, stopMining } from '../panels/mine/draft.ts';
import { MinePanel } from '../panels/mine/MinePanel.tsx';
import { PeersPanel } from '../panels/peers/PeersPanel.tsx';
import { Palette } from '../palette/Palette.tsx';
import { PresentBar } from '../present/PresentBar.tsx';
import { usePresent, watchFocus } from '../present/present-store.ts';
import { Stage } from '../stage/Stage.tsx';
import { useNode } from '../store/index.ts';
import { watchTamper } from '../tamper/tamper-store.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Header } from './Header.tsx';
import { listenToKeys, runCommand } from './shortcuts.ts';
import { StatusBar } from './StatusBar.tsx';
import { Toasts } from './Toasts.tsx';
import './frame.css';

/** Commands from keys and from the native menu take one path. */
function useCommands(): void {
  useEffect(() => {
    const mining = {
      start: (): void => {
        // A second press while mining would queue a block that nobody meant.
        if (useNode.getState().mining?.status !== 'mining') void startMining();
      },
      stop: (): void => void stopMining(),
    };
    const run = (command: MenuCommand): void => runCommand(command, mining);
    const offKeys = listenToKeys(run);
    const offMenu = client().on('menu', run);
    return () => {
      offKeys();
      offMenu();
    };
  }, []);
}

/** Says so while the node does not answer; what is on the screen is then the last that was known. */
function Banner({ onRetry }: { onRetry: () => void }) {
  const lost = useNode((state) => state.phase === 'lost');
  const problem = useNode((state) => state.problem);
  if (!lost) return null;
  return (
    <div className="banner" role="alert">
      <Icon name="error" />
      <p>
        <b>The node does not answer.</b> {problem}
      </p>
      <button type="button" className="button small" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

export function App({ refresh }: { refresh: () => void }) {
  useCommands();
  useEffect(startHints, []);
  useEffect(watchFocus, []);
  useEffect(watchTamper, []);
  const presenting = usePresent((state) => state.open);
  return (
    <CSPProvider disableStyleElements>
      <div className="app">
        <Header />
        <Banner onRetry={refresh} />
        <main className="app-main">
          <ErrorBoundary what="The chain" className="stage-fault">
            <div className="stage-frame" data-region="chain">
              <Stage />
            </div>
          </ErrorBoundary>
          <div className="panels">
            <ErrorBoundary what="The block’s panel" className="panel">
              <BlockPanel />
            </ErrorBoundary>
            <ErrorBoundary what="The mining panel" className="panel">
              <MinePanel />
            </ErrorBoundary>
            <ErrorBoundary what="The peers’ panel" className="panel">
              <PeersPanel />
            </ErrorBoundary>
          </div>
        </main>
        {presenting && <PresentBar />}
        <HintCard hidden={presenting} />
        <StatusBar />
        <Palette />
        <Toasts />
      </div>
    </CSPProvider>
  );
}
