import { describe, expect, it, vi } from 'vitest';
import { type ChainscopeBridge, ipcTable } from '../../../src/shared/ipc.ts';
import { ApiError } from '../../../src/shared/node-api.ts';
import { createClient, toApiError, unwrap } from '../../../src/renderer/lib/client.ts';

function fakeBridge() {
  const calls = Object.fromEntries(Object.keys(ipcTable).map((name) => [name, vi.fn(() => Promise.resolve({ ok: true, value: name }))]));
  const on = vi.fn(() => () => undefined);
  return { calls, on, bridge: { ...calls, on, platform: 'linux' } as unknown as ChainscopeBridge };
}

describe('createClient', () => {
  it('has every row of the table, and opens the envelope', async () => {
    const { bridge, calls } = fakeBridge();
    const client = createClient(bridge) as unknown as Record<string, (argument?: unknown) => Promise<unknown>>;
    for (const name of Object.keys(ipcTable)) {
      await expect(client[name]?.('argument')).resolves.toBe(name);
      expect(calls[name]).toHaveBeenCalledWith('argument');
    }
  });

  it('throws the error of a refusal with all its fields', async () => {
    const { bridge, calls } = fakeBridge();
    const error = { code: 'bad-port' as const, message: 'Port must be 1-65535.', field: 'address', expected: '1-65535', got: '0' };
    calls['addPeer']?.mockResolvedValueOnce({ ok: false, error } as never);
    const thrown = await createClient(bridge)
      .addPeer({ address: 'localhost:0' })
      .catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(toApiError(thrown)).toEqual(error);
  });
});

it('unwrap gives the value or throws', () => {
  expect(unwrap({ ok: true, value: 0 })).toBe(0);
  expect(() => unwrap({ ok: false, error: { code: 'internal', message: 'No.' } })).toThrow('No.');
});

it('toApiError makes a sentence of anything', () => {
  expect(toApiError(new Error('gone'))).toMatchObject({ code: 'internal', message: expect.stringContaining('gone') as string });
  expect(toApiError('odd').message).toContain('odd');
});
