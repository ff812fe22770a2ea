/** `?state=fork&theme=dark`: the window of a state, without a node. */
import { installBridge } from './bridge.ts';
import { states } from './states.ts';

const query = new URLSearchParams(location.search);
const state = states[query.get('state') ?? 'fork'];
if (state === undefined) throw new Error(`States: ${Object.keys(states).join(', ')}`);
const theme = query.get('theme');
installBridge(state(), { theme: theme === 'dark' || theme === 'light' ? theme : 'system', followTip: true });
await import('../../../../src/renderer/main.tsx');
