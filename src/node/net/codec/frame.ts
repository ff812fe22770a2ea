import { ByteReader, ByteWriter, DecodeError } from '../../util/codec.ts';
import { MESSAGE_TYPES, type Message, type MessageType, type ReceivedMessage } from '../messages.ts';
import { bodyCodecs } from './bodies.ts';

/** Bytes before the payload: magic u32 LE, type u8. */
export const FRAME_HEADER_BYTES = 5;
/** Room that is kept between two messages: enough for all but blocks and long lists. */
const WRITER_BYTES = 4096;

/** The frame belongs to another network: its first four bytes are not our magic. */
export class OtherNetworkError extends Error {
  readonly magic: number;

  constructor(magic: number) {
    super(`frame of another network (magic 0x${magic.toString(16).padStart(8, '0')})`);
    this.name = 'OtherNetworkError';
    this.magic = magic;
  }
}

const typeNames = new Map<number, MessageType>(
  (Object.entries(MESSAGE_TYPES) as [MessageType, number][]).map(([name, code]) => [code, name]),
);

/** For one message after the other: a buffer of its own for each would be most of what encoding a short one costs. */
const writer = new ByteWriter(WRITER_BYTES);

/** One WebSocket message: magic u32 LE, type u8, payload. */
export function encodeMessage(magic: number, message: Message): Uint8Array {
  writer.reset(WRITER_BYTES);
  writer.u32(magic);
  writer.u8(MESSAGE_TYPES[message.type]);
  // The table pairs each name with the codec of that very message; TypeScript cannot see the pairing through the union.
  (bodyCodecs[message.type].write as (w: ByteWriter, m: Message) => void)(writer, message);
  return writer.finish();
}

/** The message's name, for limits that depend on it before it is decoded; undefined when unknown. */
export function peekType(frame: Uint8Array): MessageType | undefined {
  return typeNames.get(frame[4] ?? 0);
}

/**
 * Reads one WebSocket message. Throws DecodeError for anything that is not exactly one well-formed message, OtherNetworkError
 * when the magic differs. A type that this version does not know gives `{ type: 'unknown' }`, whatever its payload.
 */
export function decodeMessage(magic: number, frame: Uint8Array): ReceivedMessage {
  const reader = new ByteReader(frame);
  const got = reader.u32();
  if (got !== magic) throw new OtherNetworkError(got);
  const code = reader.u8();
  const name = typeNames.get(code);
  if (name === undefined) return { type: 'unknown', code };
  const message = bodyCodecs[name].read(reader);
  if (message.type !== 'foreign-version') reader.end();
  return message;
}

export { DecodeError };
