import { describe, expect, it } from 'vitest';
import { whyInstall } from '../../scripts/lib/packages.mjs';

const locked = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' },
    'node_modules/native-for-another-system': { version: '2.0.0', integrity: 'sha512-n', optional: true },
  },
};
const installed = { packages: { 'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' } } };

describe('whyInstall', () => {
  it('finds nothing to do when the installed packages are the locked ones', () => {
    expect(whyInstall(locked, installed)).toBeUndefined();
  });

  it('wants an installation when there is none, or one that did not end', () => {
    expect(whyInstall(locked, undefined)).toBe('the packages are not installed yet');
  });

  it('names a package that is missing', () => {
    expect(whyInstall(locked, { packages: {} })).toBe('node_modules/a is missing');
  });

  it.each([
    ['another version', { version: '1.2.2', integrity: 'sha512-a' }],
    ['other contents', { version: '1.2.3', integrity: 'sha512-b' }],
  ])('names a package with %s', (_what, other) => {
    expect(whyInstall(locked, { packages: { 'node_modules/a': other } })).toContain('node_modules/a is');
  });

  it('wants an optional package that is there to be the locked one', () => {
    const old = { 'node_modules/native-for-another-system': { version: '1.9.0', integrity: 'sha512-o' } };
    expect(whyInstall(locked, { packages: { ...installed.packages, ...old } })).toContain('is 1.9.0, the lock file says 2.0.0');
  });
});
