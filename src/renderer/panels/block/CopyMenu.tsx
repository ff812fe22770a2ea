import { Menu } from '@base-ui/react/menu';
import { useEffect, useRef, useState } from 'react';
import type { BlockDetail, HashHex } from '../../../shared/blocks.ts';
import { Icon } from '../../components/icons.tsx';
import { blockLink } from '../../lib/block-link.ts';
import { client } from '../../lib/client.ts';

const COPIED_MS = 1500;

interface Said {
  ok: boolean;
  text: string;
}

/** A block as the clipboard gets it. */
export const blockJson = (detail: BlockDetail): string => JSON.stringify(detail, null, 2);

/** Puts the block's hash, header, JSON or link on the clipboard. */
export function CopyMenu({ hash, detail }: { hash: HashHex; detail: BlockDetail | null }) {
  const [said, setSaid] = useState<Said | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), COPIED_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (what: string, text: string): void => {
    client()
      .copyText({ text })
      .then(
        () => setSaid({ ok: true, text: `${what} copied` }),
        () => setSaid({ ok: false, text: `${what} could not be copied` }),
      );
  };
  // Inside the panel: what stands outside every landmark is skipped by those who go from one to the next.
  const place = useRef<HTMLDivElement>(null);
  const icon = said === null ? 'copy' : said.ok ? 'check' : 'error';
  return (
    <Menu.Root>
      <Menu.Trigger className={`icon-button ${said?.ok === true ? 'done' : ''}`} aria-label="Copy" title="Copy">
        <Icon name={icon} />
      </Menu.Trigger>
      <span className="sr-only" aria-live="polite">
        {said?.text ?? ''}
      </span>
      <div ref={place} />
      <Menu.Portal container={place}>
        <Menu.Positioner className="popover-place" sideOffset={6} align="end">
          <Menu.Popup className="popover menu">
            <Menu.Item className="menu-item" onClick={() => copy('Hash', hash)}>
              Copy hash
            </Menu.Item>
            <Menu.Item className="menu-item" disabled={detail === null} onClick={() => detail !== null && copy('Header', detail.headerHex)}>
              Copy header, 80 bytes in hex
            </Menu.Item>
            <Menu.Item className="menu-item" disabled={detail === null} onClick={() => detail !== null && copy('JSON', blockJson(detail))}>
              Copy block as JSON
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={() => copy('Link', blockLink(hash))}>
              Copy link for Find or run
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
