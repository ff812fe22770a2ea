import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../shared/ipc.ts';
import type { Preferences } from '../shared/preferences.ts';

export interface MenuActions {
  /** Has the page carry out a command. */
  command(command: MenuCommand): void;
  setPreferences(patch: Partial<Preferences>): void;
  spawnPeer(): void;
  copyAddresses(): void;
  openDataFolder(): void;
  about(): void;
  quit(): void;
}

/** The native menu as data; the ticks follow the preferences. Exported so that tests can walk it. */
export function menuTemplate(preferences: Preferences, actions: MenuActions, development: boolean): MenuItemConstructorOptions[] {
  const command = (label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    id: name,
    click: () => actions.command(name),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const theme = (label: string, value: Preferences['theme']): MenuItemConstructorOptions => ({
    label,
    id: `theme-${value}`,
    type: 'radio',
    checked: preferences.theme === value,
    click: () => actions.setPreferences({ theme: value }),
  });
  return [
    {
      label: '&File',
      submenu: [
        { label: 'New node window', id: 'spawn-peer', accelerator: 'CmdOrCtrl+N', click: () => actions.spawnPeer() },
        { type: 'separator' },
        { label: 'Quit', id: 'quit', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() },
      ],
    },
    { label: '&Edit', role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        command('Find or run', 'palette', 'CmdOrCtrl+K'),
        command('Find in data', 'find', 'CmdOrCtrl+F'),
        command('Go to height', 'go-to-height'),
        { type: 'separator' },
        command('Table', 'toggle-table', 'CmdOrCtrl+T'),
        command('Go to tip', 'go-to-tip'),
        {
          label: 'Follow tip',
          id: 'follow-tip',
          type: 'checkbox',
          checked: preferences.followTip,
          click: () => actions.setPreferences({ followTip: !preferences.followTip }),
        },
        {
          label: 'Single-letter shortcuts',
          id: 'shortcuts',
          type: 'checkbox',
          checked: preferences.shortcuts,
          click: () => actions.setPreferences({ shortcuts: !preferences.shortcuts }),
        },
        { type: 'separator' },
        { label: 'Theme', submenu: [theme('As the system', 'system'), theme('Light', 'light'), theme('Dark', 'dark')] },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        command('Present', 'present', 'F5'),
        ...(development
          ? ([{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies MenuItemConstructorOptions[])
          : []),
      ],
    },
    {
      label: '&Node',
      submenu: [
        command('Mine block', 'mine', 'CmdOrCtrl+Shift+M'),
        command('Stop mining', 'stop-mining', 'CmdOrCtrl+.'),
        { type: 'separator' },
        command('Add peer', 'add-peer', 'CmdOrCtrl+Shift+P'),
        { label: 'Copy addresses', id: 'copy-addresses', click: () => actions.copyAddresses() },
        { label: 'Open data folder', id: 'open-data-folder', click: () => actions.openDataFolder() },
      ],
    },
    { label: '&Help', submenu: [command('Hints of the first minute', 'show-hints'), { label: 'About Chainscope', id: 'about', click: () => actions.about() }] },
  ];
}

export function showMenu(preferences: Preferences, actions: MenuActions, development: boolean): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(preferences, actions, development)));
}
