import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as ClientModule from '../../../src/renderer/lib/client.ts';
import type { TamperReport, TamperRequest } from '../../../src/shared/tamper.ts';
import { ApiError } from '../../../src/shared/node-api.ts';
import { until } from '../../helpers/until.ts';
import { tamperReport } from './reports.ts';

const HASH = 'aa'.repeat(32);
const asked: TamperRequest[] = [];
let answer: (request: TamperRequest) => Promise<TamperReport | null>;
let dataText = '"one"';
vi.mock('../../../src/renderer/lib/client.ts', async (original) => ({
  ...(await original<typeof ClientModule>()),
  client: () => ({
    getBlock: (hash: string) => Promise.resolve(hash === HASH ? { hash, height: 1312, dataText } : null),
    tamper: (request: TamperRequest) => {
      asked.push(request);
      return answer(request);
    },
  }),
}));
const { beginTamper, restore, setTamperText, useTamper, watchTamper } = await import('../../../src/renderer/tamper/tamper-store.ts');
const { select, useNode, useUi } = await import('../../../src/renderer/store/index.ts');
const { emptyNodeState } = await import('../../../src/renderer/store/node-state.ts');

let off: () => void;
beforeEach(() => {
  asked.length = 0;
  dataText = '"one"';
  answer = ({ dataText: text }) => Promise.resolve(tamperReport({ changed: text !== dataText }));
  useNode.setState(emptyNodeState, true);
  select(null);
  off = watchTamper();
});
afterEach(() => off());

const state = () => useTamper.getState();
const texts = (): string[] => asked.map((request) => request.dataText);

describe('a changed copy of a block', () => {
  it('chooses the block, shows its data, and asks the node about what is typed', async () => {
    await beginTamper(HASH);
    expect(state()).toMatchObject({ target: { hash: HASH, height: 1312, shown: 'one', isText: true }, text: 'one', report: null, change: null });
    expect(useUi.getState().selectedHash).toBe(HASH);
    expect(asked).toEqual([]);
    setTamperText('two "quoted"');
    await until('the answer is there', () => state().change !== null);
    expect(asked).toEqual([{ block: HASH, dataText: '"two \\"quoted\\""' }]);
    expect(state().change).toEqual({ hash: HASH, height: 1312, newHash: 'f3'.repeat(32), active: true });
    // Typed back: nothing is changed, and nobody has to be asked.
    setTamperText('one');
    await until('the answer is there', () => state().change === null);
    expect(asked).toHaveLength(1);
  });

  it('sends JSON as it was typed, and keeps what was known while it is none', async () => {
    dataText = '{"a":1.0}';
    await beginTamper(HASH);
    expect(state()).toMatchObject({ target: { isText: false }, text: '{"a":1.0}' });
    setTamperText('{"a":2.0}');
    await until('the answer is there', () => state().report !== null);
    expect(texts()).toEqual(['{"a":2.0}']);
    answer = () => Promise.reject(new ApiError({ code: 'data-not-json', message: 'The data is not JSON. Send a JSON value.', field: 'data' }));
    setTamperText('{"a":2.0');
    await until('the answer is there', () => state().problem !== null);
    expect(state()).toMatchObject({ problem: { code: 'data-not-json' }, change: { hash: HASH } });
  });

  it('asks one question at a time, and ends with the latest text', async () => {
    await beginTamper(HASH);
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    answer = async ({ dataText: text }) => {
      await gate;
      return tamperReport({ newHash: text });
    };
    for (const text of ['a', 'ab', 'abc', 'abcd']) setTamperText(text);
    expect(texts()).toEqual(['"a"']);
    open();
    await until('the answer is there', () => state().report?.newHash === '"abcd"');
    expect(texts()).toEqual(['"a"', '"abcd"']);
  });

  it('is thrown away by Restore, also while a question is under way', async () => {
    await beginTamper(HASH);
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let answered = false;
    answer = async () => {
      await gate;
      answered = true;
      return tamperReport();
    };
    setTamperText('two');
    restore();
    expect(state()).toMatchObject({ target: null, text: '', change: null });
    open();
    await until('the answer is there', () => answered);
    await beginTamper(HASH);
    expect(state()).toMatchObject({ text: 'one', report: null, change: null });
    expect(useUi.getState().selectedHash).toBe(HASH);
  });

  it('ends when another block is chosen, when the tip is, and when a reorg moves it; not by any other reorg', async () => {
    const reorg = (id: number, hashes: string[]) =>
      useNode.setState({ lastReorg: { id, at: 0, value: { disconnected: hashes, connected: [] } as never } });
    for (const end of [() => select('bb'.repeat(32), 5), () => select(null), () => reorg(2, ['cc'.repeat(32), HASH])]) {
      await beginTamper(HASH);
      reorg(1, ['cc'.repeat(32)]);
      expect(state().target).not.toBeNull();
      end();
      expect(state().target).toBeNull();
    }
  });

  it('of a block that is not there never begins, and of one that went away ends', async () => {
    await beginTamper('bb'.repeat(32));
    expect(state().target).toBeNull();
    expect(useUi.getState().selectedHash).toBeNull();
    await beginTamper(HASH);
    answer = () => Promise.resolve(null);
    setTamperText('x');
    await until('the answer is there', () => state().target === null);
  });

  it('does not begin when another block was chosen before its data came', async () => {
    const begun = beginTamper(HASH);
    select('bb'.repeat(32), 5);
    await begun;
    expect(state().target).toBeNull();
    expect(useUi.getState().selectedHash).toBe('bb'.repeat(32));
  });

  it('a scene may change it at once', async () => {
    dataText = '{"a":1}';
    await beginTamper(HASH, { change: (shown) => `${shown} (changed)`, told: true });
    expect(texts()).toEqual(['"{\\"a\\":1} (changed)"']);
    expect(state()).toMatchObject({ target: { told: true }, change: { hash: HASH } });
  });
});
