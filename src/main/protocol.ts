/**
 * The page comes from `app://chainscope/`, not from `file://`: it has an origin of its own, a strict policy in its headers,
 * and no way to any file outside the renderer's folder.
 */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { MAIN_LIMITS } from './limits.ts';

export const APP_SCHEME = 'app';
export const APP_HOST = 'chainscope';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** What the page may load: its own files and pictures that it draws itself. Nothing inline, no connection anywhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  'Cache-Control': 'no-store',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * The file that a URL of the page names, before links are followed; undefined for anything that is not a plain path below the
 * root on our host with a type that we serve. Encoded separators and dots are refused rather than interpreted.
 */
export function pathForUrl(root: string, url: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== `${APP_SCHEME}:` || parsed.host !== APP_HOST || parsed.username !== '' || parsed.password !== '') return undefined;
  if (parsed.pathname.length > MAIN_LIMITS.protocolPath) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/')) return undefined;
  const parts = path.slice(1).split('/');
  const plain = parts.every((part) => part !== '' && !part.startsWith('.') && !/[\\:\0%]/.test(part));
  if (!plain || TYPES[extname(path)] === undefined) return undefined;
  return join(root, ...parts);
}

/**
 * Answers one request of the page: the file with its type and the security headers, or a 404 without a body. Links that
 * lead out of the folder count as absent.
 */
export async function serveFile(root: string, request: { url: string; method: string }): Promise<Response> {
  const absent = (status: number): Response => new Response(null, { status, headers: SECURITY_HEADERS });
  if (request.method !== 'GET') return absent(405);
  const path = pathForUrl(root, request.url);
  if (path === undefined) return absent(404);
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
    if (!real.startsWith(realRoot + sep)) return absent(404);
    const body = await readFile(real);
    return new Response(new Uint8Array(body), {
      headers: { ...SECURITY_HEADERS, 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' },
    });
  } catch {
    return absent(404);
  }
}
