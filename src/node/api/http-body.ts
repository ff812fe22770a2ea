import { isDeeperThan } from '../consensus/json-text.ts';
import { HttpError } from './http-errors.ts';
import { objectMembers, type MemberSource } from './json-source.ts';
import { HTTP_LIMITS } from './limits.ts';

/**
 * Reads a JSON object from a request: `application/json` only (a page of another site cannot send that without asking first), a bounded number of
 * bytes, strict UTF-8 and a bounded depth.
 * @param allowed names that the object may have; any other is refused, so that a typing error does not pass for nothing
 * @returns the source text of each member
 * @throws HttpError 415, 413, 400
 */
export async function readJsonObject(request: Request, allowed: readonly string[]): Promise<Map<string, MemberSource>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type.trim())) {
    throw new HttpError(415, 'body-not-json', 'The body must be JSON. Send the header Content-Type: application/json.', {
      field: 'content-type',
      expected: 'application/json',
      got: type.slice(0, 100),
    });
  }
  const text = decode(await readBytes(request));
  if (isDeeperThan(text, HTTP_LIMITS.bodyDepth)) {
    throw new HttpError(400, 'bad-json', `The body is nested more than ${String(HTTP_LIMITS.bodyDepth)} levels deep. Send it flatter.`, {
      expected: `at most ${String(HTTP_LIMITS.bodyDepth)} levels`,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpError(400, 'bad-json', text.trim() === '' ? 'The body is empty. Send a JSON object.' : 'The body is not valid JSON. Check its quotes and commas.', { expected: 'a JSON object' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    throw new HttpError(400, 'invalid-argument', `The body must be a JSON object, but it is ${got}.`, { expected: 'a JSON object', got });
  }
  const members = objectMembers(text);
  for (const name of members.keys()) {
    if (!allowed.includes(name)) {
      const field = name.slice(0, 60);
      throw new HttpError(400, 'invalid-argument', `The body has a field ${JSON.stringify(field)} that means nothing here. Leave it out.`, {
        field,
        expected: allowed.join(', '),
      });
    }
  }
  return members;
}

/** The value of a member as a string; undefined when it is absent. */
export function stringMember(members: Map<string, MemberSource>, name: string): string | undefined {
  return typedMember(members, name, 'string', (value) => typeof value === 'string') as string | undefined;
}

/** The value of a member as true or false; undefined when it is absent. */
export function booleanMember(members: Map<string, MemberSource>, name: string): boolean | undefined {
  return typedMember(members, name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
}

/** The exact JSON text of the member `name`. */
export function requiredSource(members: Map<string, MemberSource>, name: string): string {
  const member = members.get(name);
  if (member === undefined) throw new HttpError(400, 'invalid-argument', `The body has no field "${name}". Send {"${name}": …}.`, { field: name, expected: 'any JSON value' });
  return member.text;
}

function typedMember(members: Map<string, MemberSource>, name: string, expected: string, test: (value: unknown) => boolean): unknown {
  const member = members.get(name);
  if (member === undefined) return undefined;
  const value: unknown = JSON.parse(member.text);
  if (!test(value)) throw new HttpError(400, 'invalid-argument', `The field "${name}" must be ${expected === 'string' ? 'a string' : expected}.`, { field: name, expected, got: member.text.slice(0, 60) });
  return value;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const tooLarge = (): HttpError =>
    new HttpError(413, 'body-too-large', `The body is larger than ${String(HTTP_LIMITS.bodyBytes)} bytes. Send less data.`, {
      expected: `at most ${String(HTTP_LIMITS.bodyBytes)} bytes`,
      // What is left of the body is not read, so the connection cannot be used again.
      headers: { connection: 'close' },
    });
  if (Number(request.headers.get('content-length') ?? '0') > HTTP_LIMITS.bodyBytes) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      // The client went away in the middle: nobody reads this answer, and it is no failure of this node.
      throw new HttpError(400, 'bad-request', 'The body did not arrive completely. Send it again.');
    });
    if (done) break;
    size += value.length;
    if (size > HTTP_LIMITS.bodyBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, 'bad-json', 'The body is not valid UTF-8. Send the text as UTF-8.', { expected: 'UTF-8' });
  }
}
