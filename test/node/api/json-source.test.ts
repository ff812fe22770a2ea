import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectMembers } from '../../../src/node/api/json-source.ts';

const texts = (source: string): Record<string, string> => Object.fromEntries([...objectMembers(source)].map(([name, member]) => [name, member.text]));

describe('objectMembers', () => {
  it('gives each value exactly as it was written', () => {
    expect(texts('{"data": 1.0 , "other":[1, 2 ] }')).toEqual({ data: '1.0', other: '[1, 2 ]' });
    expect(texts('{"data":12345678901234567890}')).toEqual({ data: '12345678901234567890' });
    expect(texts('\n{\t"data"\r\n:\n{"b": 2, "a": "}],\\"{["}\n}\n')).toEqual({ data: '{"b": 2, "a": "}],\\"{["}' });
    expect(texts('{}')).toEqual({});
    expect(texts(' { } ')).toEqual({});
  });

  it('reads escaped names and takes the last of two members with one name, as JSON.parse does', () => {
    expect(texts('{"d\\u0061ta":1,"data":2}')).toEqual({ data: '2' });
    expect(texts('{"a\\"b":"\\\\"}')).toEqual({ 'a"b': '"\\\\"' });
  });

  it('is not led astray by names that objects have', () => {
    const members = objectMembers('{"__proto__":{"x":1},"constructor":2}');
    expect([...members.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('agrees with JSON.parse on any object, however it is spaced', () => {
    const spaces = fc.stringMatching(/^[ \t\n\r]{0,3}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.jsonValue(), spaces, spaces, spaces)), spaces, (members, around) => {
        const source = `${around}{${members.map(([name, value, a, b, c]) => `${a}${JSON.stringify(name)}${b}:${c}${JSON.stringify(value)}${a}`).join(',')}}${around}`;
        const parsed = JSON.parse(source) as Record<string, unknown>;
        const found = objectMembers(source);
        expect(new Set(found.keys())).toEqual(new Set(members.map(([name]) => name)));
        for (const [name, member] of found) {
          if (name === '__proto__') continue;
          expect(JSON.parse(member.text)).toEqual(parsed[name]);
          expect(source.slice(member.start, member.start + member.text.length)).toBe(member.text);
        }
      }),
    );
  });
});
