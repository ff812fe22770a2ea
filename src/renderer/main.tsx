import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { App } from './app/App.tsx';
import { ErrorBoundary } from './app/ErrorBoundary.tsx';
import { client } from './lib/client.ts';
import { connect } from './store/connection.ts';
import { nodeHolder } from './store/node-store.ts';
import { startPreferences } from './store/ui-store.ts';

// Before the first paint, so that nothing flashes in the wrong theme.
startPreferences();
const connection = connect(client(), nodeHolder);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary what="The window">
      <App refresh={connection.refresh} />
    </ErrorBoundary>
  </StrictMode>,
);
