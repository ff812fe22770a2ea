import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef } from 'react';
import { Avatar } from '../components/Avatar.tsx';
import { Icon } from '../components/icons.tsx';
import { formatNumber, plural } from '../lib/format.ts';
import { Seal } from '../stage/seal/Seal.tsx';
import { useNode, useUi } from '../store/index.ts';
import { type PaletteGroup, paletteGroups, type PaletteItem } from './items.ts';
import { closePalette, openerOfPalette, setPaletteText, usePalette } from './palette-store.ts';
import { parseHeight, type PaletteMode, parseQuery } from './query.ts';
import { type Found, useFound } from './use-found.ts';
import './palette.css';

const PLACEHOLDER: Record<PaletteMode, string> = {
  run: 'A height, a hash, @peer, >command or words of data',
  find: 'Words in the data of blocks',
  height: 'A height',
};

const LABEL: Record<PaletteMode, string> = { run: 'Find or run', find: 'Find in the data of blocks', height: 'Go to a height' };

/** What the list leaves out, or why it is empty; empty text when there is nothing to say. */
function remarkOf(text: string, mode: PaletteMode, count: number, tip: number, searching: boolean, found: Found): string {
  if (found.problem !== null) return found.problem;
  if (text.trim() === '' && mode === 'height') return `The latest block is ${formatNumber(tip)}.`;
  if (text.trim() === '') return mode === 'find' ? 'Type two characters or more.' : '';
  if (searching && count === 0) return 'Looking.';
  const { reach } = found;
  if (count > 0) return reach !== null && !reach.complete && found.byText.length > 0 ? `The latest of ${plural(reach.searched, 'block')} that were looked at.` : '';
  if (mode === 'height') return `There is no such block. The latest is ${formatNumber(tip)}.`;
  const height = mode === 'run' ? parseHeight(text.trim()) : null;
  if (height !== null && height > tip) return `There is no block ${formatNumber(height)}. The latest is ${formatNumber(tip)}.`;
  if (reach !== null) return `Nothing found in ${reach.complete ? 'any block' : `the last ${plural(reach.searched, 'block')}`}.`;
  return 'Nothing found.';
}

/** What is too long loses its end, in whatever direction it is read. */
function Note({ text, data }: { text: string; data: string }) {
  if (data === '') {
    return (
      <span className="palette-note" dir="auto">
        {text}
      </span>
    );
  }
  return (
    <span className="palette-note palette-data">
      {text.slice(0, -data.length)}
      <bdi>{data}</bdi>
    </span>
  );
}

function Row({ item }: { item: PaletteItem }) {
  return (
    <>
      <span className="palette-mark">
        {item.hash !== undefined ? (
          <Seal hash={item.hash} size={20} />
        ) : item.peer !== undefined ? (
          <Avatar id={item.peer.nodeId ?? item.peer.address} name={item.label} size={20} />
        ) : (
          <Icon name={item.note === undefined ? 'terminal' : 'search'} size={14} />
        )}
      </span>
      <span className="palette-label" dir="auto">
        {item.label}
      </span>
      {item.note !== undefined && <Note text={item.note} data={item.data ?? ''} />}
      {item.keys !== undefined && <kbd>{item.keys}</kbd>}
    </>
  );
}

function Content({ pick }: { pick: (item: PaletteItem) => void }) {
  const { mode, text } = usePalette();
  const state = useNode();
  const ui = useUi();
  const query = useMemo(() => parseQuery(text, mode), [text, mode]);
  const { found, searching } = useFound(query);
  const groups = useMemo(() => paletteGroups(query, state, ui, found), [query, state, ui, found]);
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  const remark = remarkOf(text, mode, count, state.chain?.tip.height ?? 0, searching, found);
  const empty = count === 0;
  /** Nothing but text was typed since the highlight was last moved: Enter then means the first row, also when it comes before that row is marked. */
  const typed = useRef(true);
  const field = useRef<HTMLInputElement>(null);
  // At once, not with the next frame as the dialog would: what is typed behind the key that opened it belongs here, however busy the machine is.
  useLayoutEffect(() => field.current?.focus(), []);
  const onFieldKey = (event: KeyboardEvent): void => {
    if (event.key.startsWith('Arrow') || event.key.startsWith('Page') || event.key === 'Home' || event.key === 'End') typed.current = false;
    const first = groups[0]?.items[0];
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || !typed.current || first === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    pick(first);
  };
  return (
    <Autocomplete.Root
      open
      inline
      mode="none"
      items={groups}
      value={text}
      onValueChange={(value, { reason }) => {
        // A row that was picked must not become the text.
        if (reason === 'item-press') return;
        typed.current = true;
        setPaletteText(value);
      }}
      itemToStringValue={(item: PaletteItem) => item.label}
      autoHighlight="always"
      keepHighlight
    >
      <div className="palette-field" onKeyDownCapture={onFieldKey}>
        <Icon name="search" />
        <Autocomplete.Input ref={field} aria-label={LABEL[mode]} placeholder={PLACEHOLDER[mode]} spellCheck={false} autoComplete="off" maxLength={300} />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <Autocomplete.List className={empty ? 'palette-list empty' : 'palette-list'} aria-label="Answers" onPointerMove={() => (typed.current = false)}>
        {(group: PaletteGroup) => (
          <Autocomplete.Group key={group.value} items={group.items} className="palette-group">
            <Autocomplete.GroupLabel className="palette-heading">{group.value}</Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(item: PaletteItem) => (
                <Autocomplete.Item key={item.id} value={item} className="palette-row" onClick={() => pick(item)}>
                  <Row item={item} />
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      {/* There before it has something to say: a live region that comes with its words is not read. */}
      <p className="palette-remark" aria-live="polite">
        {remark}
      </p>
    </Autocomplete.Root>
  );
}

/** The first of these that can take the focus: one that is not there, or hidden, would lose it. */
function firstShown(...elements: readonly (HTMLElement | null)[]): HTMLElement | null {
  return elements.find((element) => element !== null && element.getClientRects().length > 0) ?? null;
}

/** Find or run: one field for heights, hashes, peers, commands and the data of blocks. */
export function Palette() {
  const open = usePalette((palette) => palette.open);
  const mode = usePalette((palette) => palette.mode);
  /** The element that a row sends the focus to; null gives it back to the opener. */
  const target = useRef<string | null>(null);
  const pick = (item: PaletteItem): void => {
    if (item.stays !== true) {
      target.current = item.focus ?? null;
      closePalette();
    }
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // One press closes it, whatever was typed: the list has no popup of its own to close first.
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    target.current = null;
    closePalette();
  };
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        target.current = null;
        closePalette();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup
          className="palette"
          aria-label={LABEL[mode]}
          finalFocus={() => firstShown(target.current === null ? null : document.getElementById(target.current), openerOfPalette()) ?? true}
          onKeyDownCapture={onKeyDown}
        >
          <Content pick={pick} />
          <Dialog.Close className="sr-only">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
