/** Why a connection ends: one row for each reason, for the close frame, the log and the peer's row in the window. */
export interface DropReason {
  code: DropCode;
  /** One sentence without the peer's name: the cause, and the next step when there is one. */
  text: string;
}

/** Close codes of the WebSocket: 1000 to 1013 as RFC 6455 names them, 4000 and above are ours (docs/protocol.md). */
export const CLOSE_CODES = {
  shutdown: 1001,
  'text-frame': 1003,
  'too-large': 1009,
  full: 1013,
  malformed: 4000,
  'other-network': 4001,
  'other-version': 4002,
  self: 4003,
  duplicate: 4004,
  'handshake-timeout': 4005,
  misbehaving: 4006,
  unread: 4007,
  dead: 4008,
  removed: 4009,
  stalled: 4010,
  flooding: 4011,
  'protocol-order': 4012,
  'work-not-delivered': 4013,
  cut: 4014,
} as const;

export type DropCode = keyof typeof CLOSE_CODES;

const SENTENCES: Record<DropCode, string> = {
  shutdown: 'This node is closing.',
  'text-frame': 'It sent text. Nodes here speak a binary protocol: docs/protocol.md says which.',
  'too-large': 'It sent a message above the size limit.',
  full: 'This node has no room for more peers.',
  malformed: 'It sent a message that cannot be read.',
  'other-network': 'It belongs to another network: its genesis block differs.',
  'other-version': 'It speaks another version of the protocol. Update the older of the two nodes.',
  self: 'That is this node.',
  duplicate: 'There is another connection to the same node.',
  'handshake-timeout': 'It did not finish the handshake in time.',
  misbehaving: 'It broke the rules too often.',
  unread: 'It does not read what is sent to it.',
  dead: 'Nothing was heard of it for too long.',
  removed: 'The peer was removed.',
  stalled: 'It did not send the blocks that it was asked for.',
  flooding: 'It sends messages faster than allowed.',
  'protocol-order': 'It sent a message out of turn.',
  'work-not-delivered': 'It announced a chain that it does not deliver.',
  cut: 'You cut the link to it.',
};

/** As a peer that closed on us means it: from its point of view. */
const REMOTE_SENTENCES: Partial<Record<DropCode, string>> = {
  shutdown: 'It was closed.',
  full: 'It has no room for more peers.',
  'other-network': 'It belongs to another network: its genesis block differs.',
  'other-version': 'It speaks another version of the protocol. Update the older of the two nodes.',
  removed: 'Its user removed this node from the list.',
  duplicate: 'There is another connection to the same node.',
  cut: 'Its user cut the link.',
};

export function dropReason(code: DropCode, detail?: string): DropReason {
  return { code, text: detail === undefined ? SENTENCES[code] : `${SENTENCES[code]} (${detail})` };
}

const byNumber = new Map<number, DropCode>(
  (Object.entries(CLOSE_CODES) as [DropCode, number][]).map(([code, number]) => [number, code]),
);

/** What the other side meant by its close frame; undefined when the socket just went or the code is none of ours. */
export function remoteDropCode(closeCode: number): DropCode | undefined {
  return byNumber.get(closeCode);
}

/** The sentence for a connection that the other side ended. */
export function remoteCloseText(closeCode: number): string {
  const code = byNumber.get(closeCode);
  if (code === undefined) return 'The connection was lost.';
  return REMOTE_SENTENCES[code] ?? `It closed the connection (${code}).`;
}
