import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN_LIMITS } from '../../src/main/limits.ts';
import { CONTENT_SECURITY_POLICY, pathForUrl, serveFile } from '../../src/main/protocol.ts';

let dir: string;
let root: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chainscope-protocol-'));
  root = join(dir, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'assets', 'main.js'), '1');
  writeFileSync(join(root, '.hidden.js'), '1');
  writeFileSync(join(dir, 'secret.json'), '{}');
  writeFileSync(join(root, 'noextension'), 'x');
  symlinkSync(join(dir, 'secret.json'), join(root, 'link.json'));
  symlinkSync(dir, join(root, 'up'));
  symlinkSync(join(root, 'index.html'), join(root, 'inside.html'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const get = (url: string, method = 'GET'): Promise<Response> => serveFile(root, { url, method });

describe('app:// files', () => {
  it.each([
    ['app://chainscope/index.html', 'text/html; charset=utf-8'],
    ['app://chainscope/index.html?x=1#y', 'text/html; charset=utf-8'],
    ['app://chainscope/assets/main.js', 'text/javascript; charset=utf-8'],
    ['app://chainscope/inside.html', 'text/html; charset=utf-8'],
  ])('serves %s with its type and the policy', async (url, type) => {
    const response = await get(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe(type);
    expect(response.headers.get('Content-Security-Policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it.each([
    ['app://chainscope/'],
    ['app://chainscope/absent.js'],
    ['app://chainscope/assets'],
    ['app://chainscope/noextension'],
    ['app://chainscope/.hidden.js'],
    ['app://chainscope/../secret.json'],
    ['app://chainscope/%2e%2e/secret.json'],
    ['app://chainscope/%2e%2e%2fsecret.json'],
    ['app://chainscope/..%2fsecret.json'],
    ['app://chainscope/..%5csecret.json'],
    ['app://chainscope/assets/..%2f..%2fsecret.json'],
    ['app://chainscope/%252e%252e/secret.json'],
    ['app://chainscope/assets//main.js'],
    ['app://chainscope/%00index.html'],
    ['app://chainscope/index.html%00.js'],
    ['app://chainscope/%E0%A4%A.js'],
    ['app://chainscope/link.json'],
    ['app://chainscope/up/secret.json'],
    ['app://chainscope/C:/windows/x.json'],
    ['app://elsewhere/index.html'],
    ['app://user:pass@chainscope/index.html'],
    ['file:///etc/passwd'],
    ['https://chainscope/index.html'],
    ['nonsense'],
  ])('ELE-08 answers 404 to %s, with the policy and without a body', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
    expect(response.headers.get('Content-Security-Policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it('answers only GET', async () => {
    for (const method of ['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) expect((await get('app://chainscope/index.html', method)).status).toBe(405);
  });

  it('looks at no path longer than the limit', () => {
    const path = (length: number): string => `app://chainscope/${'a'.repeat(length - 4)}.js`;
    expect(pathForUrl(root, path(MAIN_LIMITS.protocolPath + 1))).toBeUndefined();
    expect(pathForUrl(root, path(MAIN_LIMITS.protocolPath))).toBeDefined();
  });

  it('allows nothing inline and no connection', () => {
    expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
    expect(CONTENT_SECURITY_POLICY).toContain("connect-src 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
  });
});
