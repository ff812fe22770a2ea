import { hostPort } from '../../shared/listen.ts';
import { Avatar } from '../components/Avatar.tsx';
import { Icon, Logo } from '../components/icons.tsx';
import { IconButton } from '../components/IconButton.tsx';
import { ctrlName } from '../lib/keys.ts';
import { openPalette } from '../palette/palette-store.ts';
import { setTheme, useNode, useUi } from '../store/index.ts';
import { ShortcutsPopover } from './ShortcutsPopover.tsx';

function You() {
  const node = useNode((state) => state.node);
  if (node === null) return null;
  const { p2p } = node;
  return (
    <div className="you">
      <i className="header-line" />
      <Avatar id={node.nodeId} name={node.name} you />
      <span className="sr-only">This node:</span>
      <b className="ellipsis" title={node.name} dir="auto">
        {node.name}
      </b>
      {p2p !== undefined && <span className="mono you-address">{hostPort(p2p)}</span>}
      {node.network !== 'main' && <span className="chip">{node.network}</span>}
    </div>
  );
}

function ThemeButtons() {
  const theme = useUi((state) => state.theme);
  const resolved = useUi((state) => state.resolvedTheme);
  const other = resolved === 'dark' ? 'light' : 'dark';
  return (
    <>
      <IconButton icon="monitor" label="Use the system’s theme" aria-pressed={theme === 'system'} onClick={() => setTheme('system')} />
      <IconButton icon={resolved === 'dark' ? 'sun' : 'moon'} label={`Switch to the ${other} theme`} onClick={() => setTheme(other)} />
    </>
  );
}

export function Header() {
  return (
    <header className="app-header" data-region="header">
      <div className="brand">
        <Logo />
        Chainscope
      </div>
      <You />
      <div className="header-tools">
        <button type="button" className="find" aria-haspopup="dialog" aria-keyshortcuts="Control+K" onClick={() => openPalette('run')}>
          <Icon name="search" size={14} />
          <span>Find or run</span>
          <kbd aria-hidden="true">{ctrlName()} K</kbd>
        </button>
        <ShortcutsPopover />
        <ThemeButtons />
      </div>
    </header>
  );
}
