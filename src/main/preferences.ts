import { join } from 'node:path';
import type { Notice } from '../shared/events.ts';
import { defaultPreferences, preferencesSchema, type Preferences } from '../shared/preferences.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** What the user chose for the window, kept in `preferences.json` of the data directory. */
export class PreferencesStore {
  /** What a person should know about reading the file; empty when all was well. */
  readonly notices: Notice[] = [];
  readonly #path: string;
  readonly #listeners = new Set<(preferences: Preferences) => void>();
  #current: Preferences;

  /** `fallback` stands where the file says nothing. */
  constructor(dataDir: string, fallback: Preferences = defaultPreferences) {
    this.#current = { ...fallback };
    this.#path = join(dataDir, 'preferences.json');
    // A field that a later version adds is absent from an older file: it gets its default.
    const read = readStateFile(this.#path, preferencesSchema.partial());
    if (read.status === 'read') this.#current = merge(fallback, read.value);
    if (read.status === 'corrupt') {
      const kept = read.movedTo === undefined ? '' : ` The old file was kept as ${read.movedTo}.`;
      this.notices.push({
        level: 'warning',
        code: 'preferences-reset',
        message: `The preferences could not be read because ${read.reason}, so the defaults are in use.${kept}`,
      });
    }
  }

  get(): Preferences {
    return { ...this.#current };
  }

  /** Changes some fields, writes the file and tells the listeners. Throws when the file cannot be written; nothing changes then. */
  set(patch: Partial<Preferences>): Preferences {
    const next = merge(this.#current, patch);
    writeStateFile(this.#path, next);
    this.#current = next;
    for (const listener of this.#listeners) listener(this.get());
    return this.get();
  }

  onChange(listener: (preferences: Preferences) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function merge(base: Preferences, patch: { [K in keyof Preferences]?: Preferences[K] | undefined }): Preferences {
  return {
    theme: patch.theme ?? base.theme,
    shortcuts: patch.shortcuts ?? base.shortcuts,
    followTip: patch.followTip ?? base.followTip,
    hints: patch.hints ?? base.hints,
  };
}
