import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { HalfMessages } from '../../../src/node/net/half-messages.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { WsSocket } from '../../../src/node/net/ws-socket.ts';

/** A socket whose bytes and messages the test makes up: the library reads them first, then `data` is heard here. */
class Line {
  readonly ws = new EventEmitter();
  readonly raw = Object.assign(new EventEmitter(), { bytesRead: 0, bytesWritten: 0, remoteAddress: '::ffff:127.0.0.1', remotePort: 9 });
  readonly log: string[] = [];
  readonly socket: WsSocket;

  /** `before`: bytes of the HTTP upgrade. */
  constructor(half: HalfMessages, before = 150) {
    this.raw.bytesRead = before;
    this.socket = new WsSocket(this.ws as unknown as WebSocket, this.raw as unknown as Socket, half);
    const log = (what: string) => () => void this.log.push(what);
    this.socket.start({ message: log('message'), control: log('control'), text: log('text'), flooded: log('flooded'), close: log('close') });
  }

  /** `completes`: with these bytes a message is complete. */
  bytes(count: number, completes = false): void {
    this.raw.bytesRead += count;
    if (completes) this.message();
    this.raw.emit('data');
  }

  message(): void {
    this.ws.emit('message', Buffer.alloc(5), true);
  }
}

describe('bytes of unfinished messages', () => {
  it('are those since the last complete one, not those of the upgrade, and are given back when it is complete', () => {
    const half = new HalfMessages(NET_LIMITS.halfMessageBytes);
    const line = new Line(half);
    line.socket.handshakeDone();
    line.bytes(1_000);
    line.bytes(500);
    expect(half.total).toBe(1_500);
    line.bytes(100, true);
    expect(half.total).toBe(0);
    line.bytes(70);
    expect(half.total).toBe(70);
    // The library hands over one message a turn: it may be complete long after its bytes were read.
    line.message();
    expect(half.total).toBe(0);
    expect(line.log).toEqual(['message', 'message']);
  });

  it('are given back when the socket goes, and count no more', () => {
    const half = new HalfMessages(NET_LIMITS.halfMessageBytes);
    const [line, other] = [new Line(half), new Line(half)];
    line.bytes(1_000);
    other.bytes(200);
    line.ws.emit('close', 1006, Buffer.alloc(0));
    expect(half.total).toBe(200);
    line.bytes(1_000);
    expect(half.total).toBe(200);
    expect(line.log).toEqual(['close']);
  });

  it('of the socket with most of them are too many at the limit of all, once', () => {
    const half = new HalfMessages(100_000);
    const [most, less] = [new Line(half), new Line(half)];
    for (const { socket } of [most, less]) socket.handshakeDone();
    most.bytes(60_000);
    less.bytes(40_000);
    expect([most.log, less.log]).toEqual([[], []]);
    less.bytes(1);
    expect([most.log, less.log, half.total]).toEqual([['flooded'], [], 40_001]);
    most.bytes(60_000);
    expect([most.log, less.log, half.total]).toEqual([['flooded'], [], 40_001]);
  });
});

describe('raw bytes before the handshake', () => {
  it('may be 64 KiB after those of the upgrade, complete messages included, and any number after the handshake', () => {
    const line = new Line(new HalfMessages(NET_LIMITS.halfMessageBytes));
    line.bytes(NET_LIMITS.rawBytesBeforeHandshake, true);
    expect(line.log).toEqual(['message']);
    line.bytes(1);
    expect(line.log).toEqual(['message', 'flooded']);
    const done = new Line(new HalfMessages(NET_LIMITS.halfMessageBytes));
    done.socket.handshakeDone();
    done.bytes(NET_LIMITS.rawBytesBeforeHandshake + 1);
    expect(done.log).toEqual([]);
    expect(done.socket.remoteHost).toBe('127.0.0.1');
  });
});
