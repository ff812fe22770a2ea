/** The decoders of bytes: frames, headers, blocks, transactions, and the records of the store. */
import fc from 'fast-check';
import { RuleError } from '../../src/node/consensus/errors.ts';
import { MAIN, REGTEST } from '../../src/node/consensus/params.ts';
import { checkBlock, checkBlockContextual, checkHeader, checkTransaction, parseBlock } from '../../src/node/consensus/rules.ts';
import { decodeSchemaFile, encodeSchemaFile } from '../../src/node/chain/store/level-directory.ts';
import { encodePage, IndexPage } from '../../src/node/chain/store/pages.ts';
import {
  blockKey, decodeIndexRecord, decodePlace, decodeVersion, encodeIndexRecord, encodePlace, encodeVersion, PREFIX, readBlockKey, seal, unseal,
} from '../../src/node/chain/store/records.ts';
import type { IndexRecord } from '../../src/node/chain/store/store.ts';
import { decodeMessage, encodeMessage, OtherNetworkError, peekType } from '../../src/node/net/codec/frame.ts';
import { decodeBlock, encodeBlock, type Block } from '../../src/node/primitives/block.ts';
import { decodeHeader, encodeHeader, hashHeader } from '../../src/node/primitives/header.ts';
import { decodeTransaction, encodeTransaction, previewData, type Transaction } from '../../src/node/primitives/transaction.ts';
import { displayHash, equalBytes, fromHex, isWellFormed } from '../../src/node/util/bytes.ts';
import { DecodeError } from '../../src/node/util/codec.ts';
import { bitcoinHeaders } from '../node/consensus/vectors/bitcoin.ts';
import * as parts from '../node/primitives/arbitraries.ts';
import { message } from '../node/net/arbitraries.ts';
import { must, type Target } from './engine.ts';

const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, { seed: 42, numRuns: count });
const size = (n: number): string => (n < 3 ? String(n) : `2^${String(Math.ceil(Math.log2(n)))}`);

/** What a decoder throws for bytes that it does not take, as an outcome; anything else goes up. */
function refused(error: unknown): string {
  if (error instanceof DecodeError) return `${error.code} ${error.field ?? ''}`;
  if (error instanceof RuleError) return `${error.rule} ${error.message.replace(/\d[\d,]*/g, 'n').slice(0, 60)}`;
  throw error;
}

const frames: Target = {
  name: 'frames',
  maxBytes: 4_096,
  maxMs: 100,
  seeds: () => sample(message, 120).map((m) => encodeMessage(REGTEST.magic, m)),
  arbitrary: message.map((m) => encodeMessage(REGTEST.magic, m)),
  run(input) {
    peekType(input);
    let decoded;
    try {
      decoded = decodeMessage(REGTEST.magic, input);
    } catch (error) {
      if (error instanceof OtherNetworkError) return 'other-network';
      return `${peekType(input) ?? 'unknown'} ${refused(error)}`;
    }
    if (decoded.type === 'unknown' || decoded.type === 'foreign-version') return decoded.type;
    must(equalBytes(encodeMessage(REGTEST.magic, decoded), input), `the message ${decoded.type} has another encoding`);
    return `ok ${decoded.type} ${size(input.length)}`;
  },
};

const headers: Target = {
  name: 'headers',
  maxBytes: 100,
  maxMs: 50,
  seeds: () => [REGTEST, MAIN].map(({ genesis }) => encodeHeader(genesis.header)).concat(bitcoinHeaders.map(({ header }) => fromHex(header))),
  arbitrary: parts.header.map(encodeHeader),
  run(input) {
    let header;
    try {
      header = decodeHeader(input);
    } catch (error) {
      return refused(error);
    }
    must(equalBytes(encodeHeader(header), input), 'the header has another encoding');
    const hash = hashHeader(header);
    const outcomes = [REGTEST, MAIN].map((params) => {
      try {
        checkHeader(header, hash, params);
        return 'valid';
      } catch (error) {
        must(error instanceof RuleError, `checkHeader throws ${String(error)}`);
        return error.rule;
      }
    });
    return `ok ${outcomes.join(' ')}`;
  },
};

const blocks: Target = {
  name: 'blocks',
  maxBytes: 6_000,
  maxMs: 200,
  seeds: () => [encodeBlock(REGTEST.genesis), encodeBlock(MAIN.genesis), ...sample(parts.block, 20).map(encodeBlock)],
  arbitrary: fc.oneof(parts.block, parts.block.map(({ header, transactions }): Block => ({ header: { ...header, merkleRoot: REGTEST.genesis.header.merkleRoot }, transactions: [...REGTEST.genesis.transactions, ...transactions] }))).map(encodeBlock),
  run(input) {
    let block;
    try {
      block = parseBlock(input);
    } catch (error) {
      must(error instanceof RuleError, `parseBlock throws ${String(error)}`);
      return refused(error);
    }
    must(equalBytes(encodeBlock(block), input), 'the block has another encoding');
    must(equalBytes(encodeBlock(decodeBlock(input)), input), 'decodeBlock differs from parseBlock');
    try {
      checkBlock(block);
      checkBlockContextual(block, { height: 0 });
    } catch (error) {
      must(error instanceof RuleError, `checkBlock throws ${String(error)}`);
      return `ok ${error.rule} ${size(block.transactions.length)}`;
    }
    return `ok valid ${size(block.transactions.length)}`;
  },
};

const transactions: Target = {
  name: 'transactions',
  maxBytes: 4_096,
  maxMs: 100,
  seeds: () => [...REGTEST.genesis.transactions, ...sample(parts.transaction, 30)].map(encodeTransaction),
  arbitrary: fc.oneof(parts.transaction, fc.tuple(parts.transaction, fc.json()).map(([transaction, dataText]): Transaction => ({ ...transaction, dataText }))).map(encodeTransaction),
  words: ['{"a":', '[1,', '"text"'],
  run(input) {
    let transaction: Transaction;
    try {
      transaction = decodeTransaction(input);
    } catch (error) {
      must(error instanceof DecodeError, `decodeTransaction throws ${String(error)}`);
      return refused(error);
    }
    must(equalBytes(encodeTransaction(transaction), input), 'the transaction has another encoding');
    const preview = previewData(transaction.dataText);
    must([...preview.text].length <= 200 && isWellFormed(preview.text), 'the preview is too long or no text');
    try {
      checkTransaction(transaction);
    } catch (error) {
      must(error instanceof RuleError, `checkTransaction throws ${String(error)}`);
      return `ok ${transaction.kind} ${error.rule}`;
    }
    return `ok ${transaction.kind} ${typeof JSON.parse(transaction.dataText)} ${String(preview.truncated)}`;
  },
};

const record: fc.Arbitrary<IndexRecord> = fc
  .record({ header: parts.header, hasBlock: fc.boolean(), invalid: fc.boolean(), mined: fc.boolean(), sequence: fc.maxSafeNat(), size: fc.nat(), transactionCount: fc.nat(), receivedAt: fc.maxSafeNat(), height: fc.nat() })
  .map((fields) => ({ ...fields, header: encodeHeader(fields.header), hash: displayHash(hashHeader(fields.header)) }));

/** Records that stand on each other, as a page packs them. */
const page: fc.Arbitrary<Uint8Array> = fc.array(record, { minLength: 1, maxLength: 5 }).map((records) => {
  let below: IndexRecord | undefined;
  const chained = records.map((each, i) => {
    const header = decodeHeader(each.header);
    const encoded = encodeHeader(below === undefined ? header : { ...header, previousHash: hashHeader(decodeHeader(below.header)) });
    below = { ...each, height: 1 + i, header: encoded, hash: displayHash(hashHeader(decodeHeader(encoded))) };
    return below;
  });
  return encodePage(chained);
});

const place = fc.record({ height: fc.integer({ min: 0, max: 0xffff_ffff }), blockHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(displayHash) });

/** The first byte says which record; the rest is its content, without the checksum that keeps damage away from the decoder. */
const RECORD_KINDS = ['index', 'page', 'place', 'version', 'schema-file', 'key', 'sealed'] as const;
const tagged = (kind: (typeof RECORD_KINDS)[number], bytes: Uint8Array): Uint8Array => Uint8Array.of(RECORD_KINDS.indexOf(kind), ...bytes);
const KEY = Uint8Array.of(PREFIX.meta, 0x78);

const recordInputs = fc.oneof(
  record.map((each) => tagged('index', encodeIndexRecord(each))),
  page.map((bytes) => tagged('page', bytes)),
  place.map((each) => tagged('place', encodePlace(each))),
  fc.integer({ min: 1, max: 999_999_999 }).map((version) => tagged('version', encodeVersion(version))),
  fc.integer({ min: 1, max: 999_999_999 }).map((version) => tagged('schema-file', encodeSchemaFile(version))),
  place.map((each) => tagged('key', blockKey(PREFIX.body, { height: each.height, hash: each.blockHash }))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => tagged('sealed', seal(KEY, bytes))),
);

const records: Target = {
  name: 'records',
  maxBytes: 2_000,
  maxMs: 50,
  seeds: () => sample(recordInputs, 60),
  arbitrary: recordInputs,
  run(input) {
    const kind = RECORD_KINDS[(input[0] ?? 0) % RECORD_KINDS.length] ?? 'index';
    return `${runRecord(kind, input.slice(1))} ${kind}`;
  },
};

function runRecord(kind: (typeof RECORD_KINDS)[number], bytes: Uint8Array): string {
  switch (kind) {
    case 'index': {
      const at = { height: 5, hash: '0'.repeat(64) };
      const decoded = decodeIndexRecord(at, bytes);
      if (decoded === undefined) return 'refused';
      must(equalBytes(encodeIndexRecord(decoded), bytes), 'the index record has another encoding');
      return `ok ${String(decoded.hasBlock)} ${String(decoded.invalid)} ${String(decoded.mined)}`;
    }
    case 'page': {
      const decoded = IndexPage.decode(1, bytes);
      if (decoded === undefined) return 'refused';
      const all = Array.from({ length: decoded.count }, (_, i) => decoded.record(i));
      must(all.length > 0 && /^[0-9a-f]{64}$/.test(decoded.parentHash), 'the page is empty');
      must(equalBytes(encodePage(all), bytes), 'the page has another encoding');
      return `ok ${size(decoded.count)}`;
    }
    case 'place': {
      const decoded = decodePlace(bytes);
      if (decoded === undefined) return 'refused';
      must(equalBytes(encodePlace(decoded), bytes), 'the place has another encoding');
      return 'ok';
    }
    case 'version': {
      const version = decodeVersion(bytes);
      if (version === undefined) return 'refused';
      must(Number.isSafeInteger(version) && version > 0 && decodeVersion(encodeVersion(version)) === version, 'the version is no version');
      return 'ok';
    }
    case 'schema-file': {
      const file = decodeSchemaFile(bytes);
      must(file.damaged === (file.version === undefined), 'a schema file is whole or damaged');
      if (file.version === undefined) return 'refused';
      must(decodeSchemaFile(encodeSchemaFile(file.version)).version === file.version, 'the version is no version');
      return 'ok';
    }
    case 'key': {
      const key = readBlockKey(bytes);
      if (key === undefined) return 'refused';
      must(equalBytes(blockKey(PREFIX.body, key).subarray(1), bytes.subarray(1)), 'the key has another encoding');
      return 'ok';
    }
    case 'sealed': {
      const value = unseal(KEY, bytes);
      if (value === undefined) return 'refused';
      must(equalBytes(seal(KEY, value), bytes), 'the sealed value has another encoding');
      return 'ok';
    }
  }
}

export const binaryTargets: readonly Target[] = [frames, headers, blocks, transactions, records];
