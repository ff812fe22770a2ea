import { Popover } from '@base-ui/react/popover';
import { Switch } from '@base-ui/react/switch';
import { Icon } from '../components/icons.tsx';
import { setShortcuts, useUi } from '../store/index.ts';
import { ctrlName } from '../lib/keys.ts';
import { CHORDS, LETTERS } from './shortcuts.ts';

/** Lists the keys, and switches the single letters off for those who dictate or press keys by accident. */
export function ShortcutsPopover() {
  const shortcuts = useUi((state) => state.shortcuts);
  return (
    <Popover.Root>
      <Popover.Trigger className="icon-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts">
        <Icon name="keyboard" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={8} align="end" className="popover-place">
          <Popover.Popup className="popover">
            <Popover.Title className="popover-title">Keyboard shortcuts</Popover.Title>
            <label className="switch-row">
              <span>Single letters, outside text fields</span>
              <Switch.Root className="switch" checked={shortcuts} onCheckedChange={(on) => setShortcuts(on)}>
                <Switch.Thumb className="switch-thumb" />
              </Switch.Root>
            </label>
            <ul className={shortcuts ? 'keys' : 'keys off'}>
              {LETTERS.map(({ key, label }) => (
                <li key={key}>
                  {label}
                  <kbd>{key}</kbd>
                </li>
              ))}
              <li>
                Explain the fields of a block
                <kbd>?</kbd>
              </li>
            </ul>
            <ul className="keys">
              {CHORDS.map(({ key, label }) => (
                <li key={key}>
                  {label}
                  <kbd>{`${ctrlName()} ${key}`}</kbd>
                </li>
              ))}
              <li>
                Present to a room
                <kbd>F5</kbd>
              </li>
              <li>
                Next part of the window
                <kbd>F6</kbd>
              </li>
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
