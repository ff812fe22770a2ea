/** The window's toasts, callable from anywhere. At most MAX_TOASTS in sight; errors stay until they are closed. */
import { Toast } from '@base-ui/react/toast';
import { TOAST_MS } from '../lib/limits.ts';

export const toastManager = Toast.createToastManager();

interface ToastExtras {
  /** A toast with the same id is changed instead of a second one being added. */
  id?: string;
  action?: { label: string; run: () => void };
}

function add(type: 'info' | 'warning' | 'error', title: string, description: string, { id, action }: ToastExtras): void {
  toastManager.add({
    type,
    title,
    description,
    timeout: type === 'error' ? 0 : TOAST_MS,
    priority: type === 'error' ? 'high' : 'low',
    ...(id === undefined ? {} : { id }),
    ...(action === undefined ? {} : { actionProps: { children: action.label, onClick: action.run } }),
  });
}

export const toasts = {
  info: (title: string, description: string, extras: ToastExtras = {}): void => add('info', title, description, extras),
  warning: (title: string, description: string, extras: ToastExtras = {}): void => add('warning', title, description, extras),
  error: (title: string, description: string, extras: ToastExtras = {}): void => add('error', title, description, extras),
};
