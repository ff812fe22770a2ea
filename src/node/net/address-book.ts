import type { Clock, TimerHandle } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { addressKey, makeAddress, parseAddress, type PeerAddress } from './address.ts';
import { NET_LIMITS } from './limits.ts';
import type { AddressEntry } from './messages.ts';
import { TokenBucket } from './rate-limit.ts';
import type { PeerStore, StoredPeer } from './types.ts';

/** The latest time that an `addr` message can say, in seconds since 1970. A clock may be set beyond it (2106), and a file may say anything. */
const LAST_SECOND = 0xffff_ffff;

interface Known extends StoredPeer {
  parsed: PeerAddress;
}

/**
 * Addresses of other nodes: those that the user keeps, former neighbours, and those that peers tell about. Bounded; what is kept
 * never makes room for what was merely heard of. Saved a moment after each change and at the end.
 */
export class AddressBook {
  readonly #store: PeerStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();
  /** New addresses that may be heard of: making room for one looks at all that are known. */
  readonly #hearing: TokenBucket;
  #timer: TimerHandle | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(store: PeerStore, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#hearing = new TokenBucket(NET_LIMITS.heardPerSecond, NET_LIMITS.addressBook, clock.monotonic());
  }

  get size(): number {
    return this.#known.size;
  }

  /** Reads what was saved. Records that cannot be read are left out. Rejects with the store's error. */
  async load(): Promise<void> {
    for (const record of await this.#store.load()) {
      if (typeof record !== 'object' || record === null) continue;
      const { address, kept, neighbour, lastSeen } = record as Partial<Record<keyof StoredPeer, unknown>>;
      const parsed = typeof address === 'string' ? tryParse(address) : undefined;
      if (parsed === undefined) continue;
      this.#put(parsed, {
        address: parsed.text,
        kept: kept === true,
        neighbour: neighbour === true,
        lastSeen: typeof lastSeen === 'number' && lastSeen > 0 ? lastSeen : 0,
      });
    }
  }

  kept(): PeerAddress[] {
    return [...this.#known.values()].filter((known) => known.kept).map((known) => known.parsed);
  }

  neighbours(): PeerAddress[] {
    return [...this.#known.values()]
      .filter((known) => !known.kept && known.neighbour === true)
      .sort((a, b) => b.lastSeen - a.lastSeen)
      .map((known) => known.parsed);
  }

  setKept(address: PeerAddress, kept: boolean): void {
    const old = this.#known.get(addressKey(address));
    this.#put(address, { address: address.text, kept, neighbour: kept ? (old?.neighbour ?? false) : false, lastSeen: old?.lastSeen ?? 0 });
    this.#saveSoon();
  }

  /** It is connected now, or was until now. `neighbour`: without being kept here, so that we look for it once at our next start. */
  seen(address: PeerAddress, neighbour: boolean): void {
    const old = this.#known.get(addressKey(address));
    this.#put(address, { address: address.text, kept: old?.kept ?? false, neighbour, lastSeen: this.#clock.now() });
    this.#saveSoon();
  }

  /** Addresses that a peer told about. Never dialled by themselves (docs/adr). */
  heard(entries: readonly AddressEntry[]): void {
    for (const entry of entries) {
      const parsed = tryParse(makeAddress(entry.host, entry.port).text);
      if (parsed === undefined || this.#known.has(addressKey(parsed))) continue;
      if (!this.#hearing.take(this.#clock.monotonic())) return;
      const lastSeen = Math.min(entry.lastSeen * 1000, this.#clock.now());
      this.#put(parsed, { address: parsed.text, kept: false, neighbour: false, lastSeen });
      this.#saveSoon();
    }
  }

  /** The most recently seen, for an `addr` message. */
  offer(): AddressEntry[] {
    return [...this.#known.values()]
      .filter((known) => known.lastSeen > 0)
      .sort((a, b) => b.lastSeen - a.lastSeen)
      .slice(0, NET_LIMITS.addressesPerMessage)
      .map(({ parsed, lastSeen }) => ({ host: parsed.host, port: parsed.port, lastSeen: Math.min(Math.floor(lastSeen / 1000), LAST_SECOND) }));
  }

  /** Writes what has not been written yet. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#save();
    }
    await this.#saving;
  }

  #put(parsed: PeerAddress, record: StoredPeer): void {
    const key = addressKey(parsed);
    this.#known.delete(key);
    this.#known.set(key, { ...record, parsed });
    if (this.#known.size <= NET_LIMITS.addressBook) return;
    // What was heard of goes before former neighbours: anybody may claim to have seen an address just now.
    const rank = ({ neighbour, lastSeen }: Known): number => (neighbour === true ? Number.MAX_SAFE_INTEGER : 0) + lastSeen;
    let oldest: [string, Known] | undefined;
    for (const entry of this.#known) {
      if (!entry[1].kept && entry[0] !== key && (oldest === undefined || rank(entry[1]) < rank(oldest[1]))) oldest = entry;
    }
    this.#known.delete(oldest?.[0] ?? key);
  }

  #saveSoon(): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, NET_LIMITS.saveMs);
  }

  #save(): void {
    const records = [...this.#known.values()].map(
      ({ address, kept, neighbour, lastSeen }): StoredPeer => ({ address, kept, neighbour: neighbour === true, lastSeen }),
    );
    // One after the other; an error of the store is the user's business there, and must not end the node here.
    this.#saving = this.#saving
      .then(() => this.#store.save(records))
      .catch((error: unknown) => {
        this.#logger.warn('peers could not be saved', { error });
      });
  }
}

function tryParse(text: string): PeerAddress | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}
