import { client } from './client.ts';

/** How the main modifier key is called on this system. */
export function ctrlName(): string {
  return client().platform === 'darwin' ? '⌘' : 'Ctrl';
}
