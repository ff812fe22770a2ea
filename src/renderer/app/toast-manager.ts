/** The window's toasts, callable from anywhere. At most MAX_TOASTS in sight; errors stay until they are closed. */
import { Toast } from '@base-ui/react/toast';
import { TOAST_MS } from '../lib/limits.ts';

export const toastManager = Toast.createToastManager();

interface ToastExtras {
  /** A toast with the same id is changed instead of a second one being added. */
  id?: string;
  action?: { label: string; run: () => void };
}

/** Those in sight that go by themselves. */
const passing = new Set<string>();

/** Takes away what would have gone by itself; errors stay. For a view that has its own place for what happens. */
function dismissPassing(): void {
  for (const id of [...passing]) toastManager.close(id);
}

function add(type: 'info' | 'warning' | 'error', title: string, description: string, { id, action }: ToastExtras): void {
  const given: string = toastManager.add({
    type,
    title,
    description,
    timeout: type === 'error' ? 0 : TOAST_MS,
    priority: type === 'error' ? 'high' : 'low',
    onRemove: () => {
      passing.delete(given);
    },
    ...(id === undefined ? {} : { id }),
    ...(action === undefined ? {} : { actionProps: { children: action.label, onClick: action.run } }),
  });
  if (type === 'error') passing.delete(given);
  else passing.add(given);
}

export const toasts = {
  info: (title: string, description: string, extras: ToastExtras = {}): void => add('info', title, description, extras),
  warning: (title: string, description: string, extras: ToastExtras = {}): void => add('warning', title, description, extras),
  error: (title: string, description: string, extras: ToastExtras = {}): void => add('error', title, description, extras),
  dismissPassing,
};
