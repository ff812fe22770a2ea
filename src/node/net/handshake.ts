import type { HashHex } from '../../shared/blocks.ts';
import type { Random } from '../util/random.ts';
import { encodeMessage } from './codec/frame.ts';
import { dropReason, type DropReason } from './drops.ts';
import { NET_LIMITS } from './limits.ts';
import { PROTOCOL_VERSION, type Message, type ReceivedMessage, type TipStatus, type VersionMessage } from './messages.ts';
import { RecentSet } from './rate-limit.ts';

export interface Identity {
  magic: number;
  genesisHash: HashHex;
  /** 32 hex digits. */
  nodeId: string;
  nodeName: string;
  userAgent: string;
}

/** Who we are, the nonces by which we recognise ourselves at the other end of a connection, and what we say as frames. */
export class HandshakeDesk {
  readonly identity: Identity;
  readonly #random: Random;
  readonly #nonces = new RecentSet<bigint>(NET_LIMITS.nonces);

  /** The last short message that was encoded: what is told to everybody is encoded once. */
  #encoded: { message: Message; frame: Uint8Array } | undefined;

  constructor(identity: Identity, random: Random) {
    this.identity = identity;
    this.#random = random;
  }

  hello(facts: { listenPort: number; time: number; asked: boolean; tip: TipStatus }): VersionMessage {
    const nonce = this.newNonce();
    this.#nonces.add(nonce);
    const { genesisHash, nodeId, userAgent, nodeName } = this.identity;
    return { type: 'version', protocol: PROTOCOL_VERSION, genesisHash, nonce, nodeId, userAgent, name: nodeName, runs: true, ...facts };
  }

  /** The frame of a message, which must not be changed afterwards, as the frame must not. */
  encode(message: Message): Uint8Array {
    if (this.#encoded?.message === message) return this.#encoded.frame;
    const frame = encodeMessage(this.identity.magic, message);
    if (frame.length <= NET_LIMITS.keptFrameBytes) this.#encoded = { message, frame };
    return frame;
  }

  newNonce(): bigint {
    return (BigInt(this.#random.uint32()) << 32n) | BigInt(this.#random.uint32());
  }

  /** The reason to drop whoever said this first, or undefined when it is one of us. */
  judge(hello: ReceivedMessage): DropReason | undefined {
    if (hello.type === 'foreign-version') {
      return dropReason('other-version', `version ${String(hello.protocol)}, ours is ${String(PROTOCOL_VERSION)}`);
    }
    if (hello.type !== 'version') return dropReason('protocol-order', `${hello.type} before version`);
    if (hello.genesisHash !== this.identity.genesisHash) return dropReason('other-network');
    if (this.#nonces.has(hello.nonce) || hello.nodeId === this.identity.nodeId) return dropReason('self');
    return undefined;
  }
}
