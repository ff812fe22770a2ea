import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIN_LIMITS, WINDOW_SIZE } from '../../src/main/limits.ts';
import { PreferencesStore } from '../../src/main/preferences.ts';
import { fitToDisplays, readWindowState, saveWindowState } from '../../src/main/window-state.ts';
import { defaultPreferences } from '../../src/shared/preferences.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'chainscope-state-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const file = (): string => join(dir, 'preferences.json');

describe('PreferencesStore', () => {
  it('starts with the defaults and writes nothing by itself', () => {
    expect(new PreferencesStore(dir).get()).toEqual(defaultPreferences);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('keeps what was set for the next start and tells the listeners', () => {
    const store = new PreferencesStore(dir);
    const seen: unknown[] = [];
    const off = store.onChange((preferences) => seen.push(preferences));
    expect(store.set({ theme: 'dark' })).toEqual({ ...defaultPreferences, theme: 'dark' });
    off();
    store.set({ followTip: false });
    expect(seen).toEqual([{ ...defaultPreferences, theme: 'dark' }]);
    expect(new PreferencesStore(dir).get()).toEqual({ ...defaultPreferences, theme: 'dark', followTip: false });
    expect(readdirSync(dir)).toEqual(['preferences.json']);
  });

  it('takes what the caller says for a field that was never set', () => {
    const fallback = { ...defaultPreferences, hints: 'off' as const };
    expect(new PreferencesStore(dir, fallback).get().hints).toBe('off');
    new PreferencesStore(dir).set({ hints: 'cut' });
    expect(new PreferencesStore(dir, fallback).get().hints).toBe('cut');
  });

  it('gives a field that an older version did not know its default', () => {
    writeFileSync(file(), '{"theme":"light"}');
    const store = new PreferencesStore(dir);
    expect(store.get()).toEqual({ ...defaultPreferences, theme: 'light' });
    expect(store.notices).toEqual([]);
  });

  it.each([
    ['no JSON', '{"theme":'],
    ['another type', '[]'],
    ['a wrong value', '{"theme":"pink"}'],
    ['an unknown field', '{"theme":"dark","nonsense":1}'],
    ['nothing', ''],
    ['too much', ' '.repeat(MAIN_LIMITS.stateFileBytes + 1)],
  ])('uses the defaults, says so and keeps the old copy when the file holds %s', (_what, content) => {
    writeFileSync(file(), content);
    const store = new PreferencesStore(dir);
    expect(store.get()).toEqual(defaultPreferences);
    expect(store.notices).toMatchObject([{ level: 'warning', code: 'preferences-reset' }]);
    expect(readFileSync(`${file()}.unreadable`, 'utf8')).toBe(content);
    store.set({ theme: 'dark' });
    expect(new PreferencesStore(dir).get().theme).toBe('dark');
  });

  it('keeps every unreadable copy beside the ones before it, up to a limit, and deletes none', () => {
    const contents = Array.from({ length: MAIN_LIMITS.setAsideFiles + 1 }, (_, at) => `unreadable ${String(at)}`);
    for (const content of contents) {
      writeFileSync(file(), content);
      expect(new PreferencesStore(dir).notices).toHaveLength(1);
    }
    // The last one found no name and stays where it is.
    expect(readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8')).sort()).toEqual([...contents].sort());
  });

  it('reads a file that an editor began with a byte order mark', () => {
    writeFileSync(file(), '\ufeff{"theme":"dark"}');
    expect(new PreferencesStore(dir).get().theme).toBe('dark');
  });

  it('reads a file of exactly the limit', () => {
    const json = '{"theme":"dark"}';
    writeFileSync(file(), json + ' '.repeat(MAIN_LIMITS.stateFileBytes - json.length));
    expect(new PreferencesStore(dir).get().theme).toBe('dark');
  });

  it('changes nothing when the file cannot be written', () => {
    const store = new PreferencesStore(join(dir, 'sub'));
    writeFileSync(join(dir, 'sub'), 'a file where the directory should be');
    expect(() => store.set({ theme: 'dark' })).toThrow();
    expect(store.get()).toEqual(defaultPreferences);
  });
});

describe('window state', () => {
  const state = { x: 10, y: 20, width: 1000, height: 700, maximized: true };

  it('comes back as it was saved', () => {
    expect(readWindowState(dir)).toBeUndefined();
    saveWindowState(dir, state);
    expect(readWindowState(dir)).toEqual(state);
  });

  it('is dropped when the file is of no use, and saving never throws', () => {
    writeFileSync(join(dir, 'window-state.json'), '{"x":1e99}');
    expect(readWindowState(dir)).toBeUndefined();
    mkdirSync(join(dir, 'window-state.json'));
    expect(() => saveWindowState(dir, state)).not.toThrow();
  });
});

describe('fitToDisplays', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 };
  const right = { x: 1920, y: 0, width: 1280, height: 1000 };

  it('leaves bounds that fit alone', () => {
    const bounds = { x: 100, y: 50, width: 1280, height: 800 };
    expect(fitToDisplays(bounds, [screen])).toEqual(bounds);
    expect(fitToDisplays({ ...bounds, x: 1920 }, [screen, right])).toEqual({ ...bounds, x: 1920 });
  });

  it('pulls a window that sticks out wholly into the display that shows most of it', () => {
    expect(fitToDisplays({ x: 1500, y: 900, width: 1280, height: 800 }, [screen])).toEqual({ x: 640, y: 240, width: 1280, height: 800 });
    expect(fitToDisplays({ x: -300, y: -50, width: 1280, height: 800 }, [screen])).toEqual({ x: 0, y: 0, width: 1280, height: 800 });
    expect(fitToDisplays({ x: 1800, y: 0, width: 1280, height: 800 }, [screen, right])).toEqual({ x: 1920, y: 0, width: 1280, height: 800 });
  });

  it('shrinks to the display and grows to the minimum', () => {
    expect(fitToDisplays({ x: 0, y: 0, width: 5000, height: 5000 }, [screen])).toEqual(screen);
    expect(fitToDisplays({ x: 0, y: 0, width: 200, height: 200 }, [screen])).toMatchObject({ width: WINDOW_SIZE.minWidth, height: WINDOW_SIZE.minHeight });
    const small = { x: 0, y: 0, width: 800, height: 480 };
    expect(fitToDisplays({ x: 0, y: 0, width: 1280, height: 800 }, [small])).toEqual(small);
  });

  it('gives up bounds that no display shows enough of', () => {
    expect(fitToDisplays({ x: 1920, y: 0, width: 1280, height: 800 }, [screen])).toBeUndefined();
    expect(fitToDisplays({ x: 1900, y: 0, width: 1280, height: 800 }, [screen])).toBeUndefined();
    expect(fitToDisplays({ x: 0, y: -790, width: 1280, height: 800 }, [screen])).toBeUndefined();
    expect(fitToDisplays({ x: 0, y: 0, width: 1280, height: 800 }, [])).toBeUndefined();
  });
});
