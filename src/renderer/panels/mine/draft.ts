/** What the user is about to mine: kept outside the panel, so that mining, stopping and the menu all leave it alone. */
import { create } from 'zustand';
import type { ApiErrorShape } from '../../../shared/node-api.ts';
import { client, toApiError } from '../../lib/client.ts';

export interface DraftState {
  text: string;
  /** The user typed something: the sample is not put back. */
  touched: boolean;
  /** Why the last attempt was refused; cleared by typing or trying again. */
  error: ApiErrorShape | null;
  /** A command is on its way to the node. */
  sending: boolean;
}

export const useDraft = create<DraftState>()(() => ({ text: '', touched: false, error: null, sending: false }));

export function setText(text: string): void {
  useDraft.setState({ text, touched: true, error: null });
}

/** Fills the field on the first launch; never over what somebody typed. */
export function offerSample(text: string): void {
  if (!useDraft.getState().touched && useDraft.getState().text === '') useDraft.setState({ text });
}

/** Asks the node to mine the text. Data may be any JSON value; what people type is a JSON string. */
export async function startMining(): Promise<void> {
  if (useDraft.getState().sending) return;
  useDraft.setState({ sending: true, error: null });
  try {
    await client().mine({ dataText: JSON.stringify(useDraft.getState().text) });
    useDraft.setState({ sending: false });
  } catch (thrown) {
    useDraft.setState({ sending: false, error: toApiError(thrown) });
  }
}

export async function stopMining(): Promise<void> {
  try {
    await client().stopMining();
  } catch (thrown) {
    useDraft.setState({ error: toApiError(thrown) });
  }
}
