import { z } from 'zod';

/** What the user chose for the window; kept in `preferences.json` of the data directory. */
export const preferencesSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  /** Single-letter shortcuts outside text fields. */
  shortcuts: z.boolean(),
  /** The strip stays at the tip when a block arrives. */
  followTip: z.boolean(),
  /** How far the hints of the first minute got; `unseen` when they never began, `off` when they are over or were hidden. */
  hints: z.enum(['unseen', 'mine', 'spawn', 'cut', 'apart', 'mend', 'meet', 'more', 'off']),
});

export type Preferences = z.infer<typeof preferencesSchema>;

export const defaultPreferences: Preferences = { theme: 'system', shortcuts: true, followTip: true, hints: 'unseen' };
