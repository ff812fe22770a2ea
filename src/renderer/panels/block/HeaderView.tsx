import { useLayoutEffect, useRef, useState } from 'react';
import type { BlockDetail } from '../../../shared/blocks.ts';
import { HEADER_FIELDS, type HeaderField, headerBytes, headerValue } from './header-fields.ts';

/** The view is at least this high when its last line comes into sight with the focus, in px: in a lower one the bytes, which stay, would cover what has the focus. */
const ROOM = 120;

/** The 80 bytes that are hashed. Pointing at a field, or at a byte of it, lights it in both places and says what it is for. */
export function HeaderView({ detail }: { detail: BlockDetail }) {
  const [lit, setLit] = useState<HeaderField['id'] | null>(null);
  const [focused, setFocused] = useState<HeaderField['id'] | null>(null);
  const words = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    // The whole value stands last: who goes by Tab has no wheel to bring it into sight.
    if (focused !== null && (words.current?.parentElement?.clientHeight ?? 0) >= ROOM) words.current?.scrollIntoView({ block: 'nearest' });
  }, [focused]);
  const field = HEADER_FIELDS.find(({ id }) => id === lit);
  const odd = new Set(HEADER_FIELDS.filter((_, index) => index % 2 === 0).map(({ id }) => id));
  return (
    <div className="header-view" onPointerLeave={() => setLit(null)}>
      {/* Read as fields below; eighty bytes one by one tell a listener nothing. */}
      <div className="header-bytes mono" aria-hidden="true">
        {headerBytes(detail.headerHex).map(({ byte, field: id }, index) => (
          <span key={index} data-odd={odd.has(id)} data-lit={id === lit} onPointerEnter={() => setLit(id)}>
            {byte}
          </span>
        ))}
      </div>
      <ul className="header-fields" aria-label="Fields of the header">
        {HEADER_FIELDS.map(({ id, name, offset, size }) => (
          <li key={id}>
            <button
              type="button"
              className="header-field"
              data-lit={id === lit}
              aria-describedby={id === lit ? 'header-meaning' : undefined}
              title={`Bytes ${String(offset)} to ${String(offset + size - 1)}: ${headerValue(id, detail)}`}
              onPointerEnter={() => setLit(id)}
              onFocus={() => {
                setLit(id);
                setFocused(id);
              }}
              onBlur={() => setFocused(null)}
              onClick={() => setLit(id)}
            >
              <span>{name}</span>
              <code className="mono">{headerValue(id, detail)}</code>
            </button>
          </li>
        ))}
      </ul>
      <p className="header-meaning" id="header-meaning" ref={words}>
        {field === undefined
          ? 'These 80 bytes are hashed. Point at a field to see where it lies.'
          : `${field.meaning} Bytes ${String(field.offset)} to ${String(field.offset + field.size - 1)}.`}
        {/* The row above may have room for its beginning only. */}
        {field !== undefined && <code className="mono">{headerValue(field.id, detail)}</code>}
      </p>
    </div>
  );
}
