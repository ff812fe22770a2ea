/** Values that cross a bridge by structured cloning and have no JSON, as objects with one member `$`. */
export const TAGS = ['undefined', 'nan', 'infinity', 'minus-zero', 'date', 'map', 'set', 'bytes', 'bigint', 'regexp', 'error', 'cyclic', 'long', 'deep', 'null-prototype', 'sparse'] as const;

/** The argument that a JSON value stands for. */
export function reviveArgument(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reviveArgument);
  const { $: tag } = value as { $?: unknown };
  const known = TAGS.find((each) => each === tag);
  if (known !== undefined) return special(known);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, reviveArgument(each)]));
}

function special(tag: (typeof TAGS)[number]): unknown {
  switch (tag) {
    case 'undefined':
      return undefined;
    case 'nan':
      return Number.NaN;
    case 'infinity':
      return Infinity;
    case 'minus-zero':
      return -0;
    case 'date':
      return new Date(0);
    case 'map':
      return new Map([['dataText', '1']]);
    case 'set':
      return new Set([1]);
    case 'bytes':
      return new Uint8Array(8);
    case 'bigint':
      return 1n;
    case 'regexp':
      return /(a+)+$/;
    case 'error':
      return new Error('x');
    case 'cyclic': {
      const cyclic: Record<string, unknown> = { dataText: '1' };
      cyclic['self'] = cyclic;
      return cyclic;
    }
    case 'long':
      return 'x'.repeat(400_000);
    case 'deep': {
      let deep: unknown = 1;
      for (let i = 0; i < 5_000; i++) deep = [deep];
      return deep;
    }
    case 'null-prototype':
      return Object.assign(Object.create(null) as object, { dataText: '1' });
    case 'sparse':
      return new Array(10_000);
  }
}
