import { afterEach, beforeEach, expect, it } from 'vitest';
import { standInCheckout, type Checkout } from './checkout.ts';

let checkout: Checkout;
beforeEach(async () => {
  checkout = await standInCheckout();
});
afterEach(() => {
  checkout.remove();
});

it('ends as the check ends', async () => {
  checkout.write('out/main/verify.js', 'process.exitCode = 1;');
  expect(await checkout.run('verify.mjs', [])).toEqual({ code: 1, out: '', err: '' });
});

it.each([
  ['something that was foreseen', 'package-lock.json', 'no JSON', /^chainscope: package-lock.json cannot be read/],
  // A build is due, and where its lock would lie is a file.
  ['something that nobody foresaw', '.cache', 'a file', /EEXIST|ENOTDIR/],
])('ends with 2, never with the 1 of found faults, when %s keeps it from checking', async (_what, path, text, message) => {
  checkout.write('src/newer.ts', '');
  checkout.write(path, text);
  const { code, out, err } = await checkout.run('verify.mjs', []);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(message);
});
