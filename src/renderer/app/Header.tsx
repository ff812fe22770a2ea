import { Avatar } from '../components/Avatar.tsx';
import { Logo } from '../components/icons.tsx';
import { IconButton } from '../components/IconButton.tsx';
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
      <b className="ellipsis" title={node.name}>
        {node.name}
      </b>
      {p2p !== undefined && <span className="mono you-address">{`${p2p.host}:${p2p.port}`}</span>}
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
        <ShortcutsPopover />
        <ThemeButtons />
      </div>
    </header>
  );
}
