import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import type { MenuCommand } from '../../src/shared/ipc.ts';
import { defaultPreferences, type Preferences } from '../../src/shared/preferences.ts';

vi.mock('electron', () => ({ Menu: {} }));
const { menuTemplate } = await import('../../src/main/menu.ts');

function build(preferences: Preferences = defaultPreferences, development = false) {
  const log: unknown[] = [];
  const actions = {
    command: (command: MenuCommand) => log.push(command),
    setPreferences: (patch: Partial<Preferences>) => log.push(patch),
    spawnPeer: () => log.push('spawn'),
    copyAddresses: () => log.push('copy'),
    openDataFolder: () => log.push('folder'),
    about: () => log.push('about'),
    quit: () => log.push('quit'),
  };
  const items: MenuItemConstructorOptions[] = [];
  const walk = (all: readonly MenuItemConstructorOptions[]): void => {
    for (const item of all) {
      items.push(item);
      if (Array.isArray(item.submenu)) walk(item.submenu);
    }
  };
  walk(menuTemplate(preferences, actions, development));
  const click = (id: string): void => {
    const item = items.find((candidate) => candidate.id === id);
    if (item?.click === undefined) throw new Error(`no item ${id}`);
    (item.click as () => void)();
  };
  return { items, log, click };
}

describe('the native menu', () => {
  it('hands every command of the table to the page', () => {
    const { log, click } = build();
    const commands: MenuCommand[] = ['mine', 'stop-mining', 'add-peer', 'toggle-table', 'go-to-tip', 'palette', 'find', 'go-to-height', 'present', 'show-hints'];
    for (const command of commands) click(command);
    expect(log).toEqual(commands);
  });

  it('does by itself what the page has no part in', () => {
    const { log, click } = build();
    for (const id of ['spawn-peer', 'copy-addresses', 'open-data-folder', 'about', 'quit', 'theme-dark', 'follow-tip', 'shortcuts']) click(id);
    expect(log).toEqual(['spawn', 'copy', 'folder', 'about', 'quit', { theme: 'dark' }, { followTip: false }, { shortcuts: false }]);
  });

  it('ticks what the preferences say', () => {
    const { items } = build({ ...defaultPreferences, theme: 'light', followTip: false });
    const ticked = items.filter((item) => item.checked === true).map((item) => item.id);
    expect(ticked).toEqual(['shortcuts', 'theme-light']);
  });

  it('gives a key to one item only', () => {
    const keys = build(defaultPreferences, true).items.flatMap((item) => item.accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has reload and developer tools in development only', () => {
    const roles = (development: boolean): unknown[] => build(defaultPreferences, development).items.map((item) => item.role);
    expect(roles(true)).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
    expect(roles(false)).not.toContain('reload');
    expect(roles(false)).not.toContain('toggleDevTools');
  });
});
