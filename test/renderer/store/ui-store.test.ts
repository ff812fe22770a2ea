import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Preferences } from '../../../src/shared/preferences.ts';

/** The page's surroundings, as far as the preferences touch them. */
function surroundings() {
  const dataset: Record<string, string> = {};
  const kept: Partial<Preferences>[] = [];
  let preferences: Preferences = { theme: 'system', shortcuts: true, followTip: true, hints: 'off' };
  let pushed: ((next: Preferences) => void) | undefined;
  let systemChanged: (() => void) | undefined;
  const media = {
    matches: true,
    addEventListener: (_: string, listener: () => void) => {
      systemChanged = listener;
    },
    removeEventListener: () => {
      systemChanged = undefined;
    },
  };
  const bridge = {
    on: (_: string, listener: (next: Preferences) => void) => {
      pushed = listener;
      return () => {
        pushed = undefined;
      };
    },
    getPreferences: () => Promise.resolve({ ok: true, value: preferences }),
    setPreferences: (patch: Partial<Preferences>) => {
      kept.push(patch);
      preferences = { ...preferences, ...patch };
      return Promise.resolve({ ok: true, value: preferences });
    },
  };
  vi.stubGlobal('document', { documentElement: { dataset } });
  vi.stubGlobal('window', { matchMedia: () => media, chainscope: bridge });
  return {
    dataset,
    kept,
    push: (next: Preferences) => pushed?.(next),
    system: (dark: boolean) => {
      media.matches = dark;
      systemChanged?.();
    },
    save: (next: Preferences) => {
      preferences = next;
    },
  };
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

const settle = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));

it('paints the system’s theme at once, and follows it live', async () => {
  const page = surroundings();
  const { startPreferences, useUi } = await import('../../../src/renderer/store/ui-store.ts');
  startPreferences();
  expect(page.dataset['theme']).toBe('dark');
  await settle();
  page.system(false);
  expect(page.dataset['theme']).toBe('light');
  expect(useUi.getState().resolvedTheme).toBe('light');
});

it('takes a kept choice over the system’s, and keeps a new one', async () => {
  const page = surroundings();
  page.save({ theme: 'light', shortcuts: false, followTip: false, hints: 'off' });
  const { setTheme, startPreferences, useUi } = await import('../../../src/renderer/store/ui-store.ts');
  startPreferences();
  await settle();
  expect(page.dataset['theme']).toBe('light');
  expect(useUi.getState()).toMatchObject({ shortcuts: false, followTip: false });
  page.system(true);
  expect(page.dataset['theme']).toBe('light');
  setTheme('dark');
  expect(page.dataset['theme']).toBe('dark');
  expect(page.kept).toEqual([{ theme: 'dark' }]);
});

it('takes a choice made in another window or in the menu', async () => {
  const page = surroundings();
  const { startPreferences } = await import('../../../src/renderer/store/ui-store.ts');
  const stop = startPreferences();
  await settle();
  page.push({ theme: 'light', shortcuts: true, followTip: true, hints: 'off' });
  expect(page.dataset['theme']).toBe('light');
  stop();
  page.push({ theme: 'dark', shortcuts: true, followTip: true, hints: 'off' });
  expect(page.dataset['theme']).toBe('light');
});

it('following the tip ends the choice of another block', async () => {
  const page = surroundings();
  const { select, setFollowTip, useUi } = await import('../../../src/renderer/store/ui-store.ts');
  select('ab');
  setFollowTip(false);
  expect(useUi.getState()).toMatchObject({ selectedHash: 'ab', followTip: false });
  setFollowTip(true);
  expect(useUi.getState()).toMatchObject({ selectedHash: null, followTip: true });
  expect(page.kept).toEqual([{ followTip: false }, { followTip: true }]);
});

it('an answer to an older choice takes no newer one back', async () => {
  const page = surroundings();
  const answers: (() => void)[] = [];
  const { startPreferences, setFollowTip, setTheme, useUi } = await import('../../../src/renderer/store/ui-store.ts');
  const { chainscope } = window as unknown as { chainscope: { setPreferences: (patch: Partial<Preferences>) => Promise<{ ok: true; value: Preferences }> } };
  const set = chainscope.setPreferences;
  chainscope.setPreferences = async (patch) => {
    const answer = await set(patch);
    await new Promise<void>((resolve) => answers.push(resolve));
    return answer;
  };
  startPreferences();
  await settle();
  setTheme('light');
  setFollowTip(false);
  setTheme('dark');
  setFollowTip(true);
  await vi.waitFor(() => expect(answers).toHaveLength(4));
  for (const answer of answers) {
    answer();
    page.push({ theme: 'light', shortcuts: true, followTip: false, hints: 'off' });
    await settle();
    expect(useUi.getState()).toMatchObject({ theme: 'dark', followTip: true });
    if (answer !== answers.at(-1)) expect(page.dataset['theme']).toBe('dark');
  }
  // Once all are answered, main has the last word.
  await vi.waitFor(() => {
    page.push({ theme: 'light', shortcuts: true, followTip: false, hints: 'off' });
    expect(useUi.getState()).toMatchObject({ theme: 'light', followTip: false });
  });
});
