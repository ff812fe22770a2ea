import type { App } from './harness/app.ts';
import { expect, test } from './harness/test.ts';

/** What is really painted: the attribute, and the colour of the page (token `bg`). */
async function expectPainted(app: App, theme: 'dark' | 'light'): Promise<void> {
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', theme);
  await expect(app.page.locator('body')).toHaveCSS('background-color', theme === 'dark' ? 'rgb(14, 17, 22)' : 'rgb(243, 241, 236)');
}

test('UI-12 the theme follows the system live; a manual choice survives a restart', async ({ apps }) => {
  const first = await apps.launch();
  const asSystem = first.page.getByRole('button', { name: 'Use the system’s theme' });
  await expect(asSystem).toHaveAttribute('aria-pressed', 'true');
  expect(await first.electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('system');
  for (const theme of ['dark', 'light', 'dark'] as const) {
    await first.page.emulateMedia({ colorScheme: theme });
    await expectPainted(first, theme);
  }

  // A choice holds against the system, in the page and in the native parts around it.
  await first.page.getByRole('button', { name: 'Switch to the light theme' }).click();
  await expectPainted(first, 'light');
  await expect(asSystem).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(() => first.electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('light');
  await first.close();

  const second = await apps.restart(first);
  await second.page.emulateMedia({ colorScheme: 'dark' });
  await expectPainted(second, 'light');
  expect(await second.electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('light');

  // And back: the system's word counts again.
  await second.page.getByRole('button', { name: 'Use the system’s theme' }).click();
  await expectPainted(second, 'dark');
  await second.page.emulateMedia({ colorScheme: 'light' });
  await expectPainted(second, 'light');
  await second.page.emulateMedia({ colorScheme: null });
});
