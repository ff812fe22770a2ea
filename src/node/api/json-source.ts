/** Where the text of one member's value stands in the source. */
export interface MemberSource {
  /** The exact text of the value, without the white space around it. */
  text: string;
  start: number;
}

/**
 * The members of a JSON object with the exact source text of their values. `JSON.parse` forgets how a value was written (1.0, 1e2, big numbers,
 * the order of equal keys), and a block's data is its exact text.
 * @param text one that `JSON.parse` accepts and whose value is an object
 * @returns by name; of members with the same name the last one wins, as in `JSON.parse`
 */
export function objectMembers(text: string): Map<string, MemberSource> {
  const members = new Map<string, MemberSource>();
  let index = text.indexOf('{') + 1;
  for (;;) {
    index = text.indexOf('"', index);
    if (index === -1) return members;
    const nameEnd = stringEnd(text, index) + 1;
    const name = JSON.parse(text.slice(index, nameEnd)) as string;
    const start = skipSpace(text, text.indexOf(':', nameEnd) + 1);
    const end = valueEnd(text, start);
    members.set(name, { text: text.slice(start, end), start });
    index = skipSpace(text, end);
    if (text[index] !== ',') return members;
  }
}

/** Index of the quote that ends the string which starts at `start`; the end of the text when there is none. */
function stringEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const char = text[index];
    if (char === '\\') index += 1;
    else if (char === '"') return index;
  }
  return text.length;
}

function skipSpace(text: string, start: number): number {
  let index = start;
  while (text[index] === ' ' || text[index] === '\t' || text[index] === '\n' || text[index] === '\r') index += 1;
  return index;
}

/** Index after the value that starts at `start`. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let index = start;
  for (; index < text.length; index += 1) {
    const char = text[index];
    if (char === '"') index = stringEnd(text, index);
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') {
      if (depth === 0) break;
      depth -= 1;
    } else if (depth === 0 && char === ',') break;
  }
  while (index > start && /[ \t\n\r]/.test(text[index - 1] ?? '')) index -= 1;
  return index;
}
