/** `?state=one-fork&theme=dark`: the window in a state that the end-to-end tests compare it in, without a node. */
import { looks } from '../../../../e2e/harness/looks/states.ts';
import { installBridge } from './bridge.ts';

const query = new URLSearchParams(location.search);
const wanted = query.get('state') ?? 'one-fork';
const state = Object.entries(looks).find(([name]) => name === wanted)?.[1];
if (state === undefined) throw new Error(`States: ${Object.keys(looks).join(', ')}`);
const theme = query.get('theme');
installBridge(state(), { theme: theme === 'dark' || theme === 'light' ? theme : 'system', followTip: true });
await import('../../../../src/renderer/main.tsx');
