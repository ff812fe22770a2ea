import { type MouseEvent, useEffect, useRef } from 'react';
import type { BlockChild, BlockDetail, BlockSummary, TransactionInfo } from '../../../shared/blocks.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Icon } from '../../components/icons.tsx';
import { readData } from '../../lib/data-text.ts';
import { formatBytes, formatDateTime, formatNumber, formatWhen, plural } from '../../lib/format.ts';
import { hashEnding } from '../../lib/identity.ts';
import { MAX_LISTED_TRANSACTIONS, MAX_SHOWN_DATA } from '../../lib/limits.ts';
import { useNow } from '../../lib/use-now.ts';
import { Seal } from '../../stage/seal/Seal.tsx';
import { select, useBlock, useNode } from '../../store/index.ts';
import { useOverflow } from './use-overflow.ts';

function Previous({ block }: { block: BlockSummary }) {
  const parent = useBlock(block.previousHash);
  if (block.height === 0) return <dd>none: the chain starts here</dd>;
  const showPrevious = ({ currentTarget }: MouseEvent<HTMLElement>): void => {
    // The first block has no such link: the focus goes on among the arrows of the panel's head.
    if (block.height === 1) currentTarget.closest('.panel')?.querySelector<HTMLElement>('.panel-head button')?.focus();
    select(block.previousHash, block.height - 1);
  };
  return (
    <dd className="previous">
      <Seal hash={block.previousHash} size={16} />
      <button type="button" className="link mono" title={block.previousHash} onClick={showPrevious}>
        <span className="sr-only">Show the block before, ending in </span>…{hashEnding(block.previousHash, 6)}
      </button>
      <span className="matches">
        <Icon name="check" size={13} />
        {parent?.branch === 'side' ? 'stale' : 'block'} {formatNumber(block.height - 1)}
      </span>
    </dd>
  );
}

function Found({ block }: { block: BlockSummary }) {
  const ownId = useNode((state) => state.node?.nodeId);
  // Only for "today or not": once a minute is often enough.
  const now = useNow(60_000);
  if (block.origin === 'genesis') return <dd>built in</dd>;
  const you = block.minerId === ownId;
  const name = block.minerName === '' ? 'someone' : block.minerName;
  return (
    <dd>
      <Avatar id={block.minerId} name={name} you={you} size={18} />
      <span className="found" title={`${name}, ${formatDateTime(block.time)}`}>
        <bdi className="ellipsis">{you ? 'You' : name}</bdi>{' '}
        <time dateTime={new Date(block.time * 1000).toISOString()}>{formatWhen(block.time, now)}</time>
      </span>
    </dd>
  );
}

export function Child({ child }: { child: BlockChild }) {
  const prefix = child.branch === 'active' ? '' : child.branch === 'side' ? 'stale ' : 'invalid ';
  return (
    <button type="button" className="link" title={child.hash} onClick={() => select(child.hash, child.height)}>
      {prefix}
      {formatNumber(child.height)}
    </button>
  );
}

/** More children than this are counted: a row has room for so many. */
const LISTED_CHILDREN = 2;

function Children({ detail }: { detail: BlockDetail | null }) {
  if (detail === null) return <dd />;
  if (detail.children.length === 0) return <dd>none yet</dd>;
  const rest = detail.children.length - LISTED_CHILDREN;
  return (
    <dd className="children">
      {detail.children.slice(0, LISTED_CHILDREN).map((child, index) => (
        <span key={child.hash}>
          {index > 0 && (rest > 0 ? ', ' : ' and ')}
          <Child child={child} />
        </span>
      ))}
      {rest > 0 && <span>and {formatNumber(rest)} more</span>}
    </dd>
  );
}

function Data({ dataText }: { dataText: string }) {
  const { text, isText } = readData(dataText);
  if (isText && text === '') return <span className="data-box empty">empty text</span>;
  const rest = text.length - MAX_SHOWN_DATA;
  return (
    <span className={isText ? 'data-box' : 'data-box mono'} dir="auto">
      {rest > 0 ? text.slice(0, MAX_SHOWN_DATA) : text}
      {rest > 0 && <em> {formatNumber(rest)} more characters</em>}
    </span>
  );
}

function OtherTransactions({ transactions }: { transactions: readonly TransactionInfo[] }) {
  if (transactions.length === 0) return null;
  const listed = transactions.slice(0, MAX_LISTED_TRANSACTIONS);
  return (
    <>
      <dt className="top">Also holds</dt>
      <dd className="wide">
        <ul className="transactions" aria-label="Transactions">
          {listed.map((transaction) => (
            <li key={transaction.id}>
              <span className="mono" title={transaction.id}>
                …{hashEnding(transaction.id, 6)}
              </span>
              <Data dataText={transaction.dataText} />
            </li>
          ))}
        </ul>
        {transactions.length > listed.length && <p>and {formatNumber(transactions.length - listed.length)} more</p>}
      </dd>
    </>
  );
}

/** The table of a block's fields. What the store knows is there at once; the rest comes with the detail. */
export function BlockFacts({ block, detail, explained }: { block: BlockSummary; detail: BlockDetail | null; explained: boolean }) {
  const meaning = (text: string) => (explained ? <dd className="meaning">{text}</dd> : null);
  const { ref, overflows } = useOverflow();
  // A block that was chosen starts at its top. Only where somebody scrolled: to scroll lays out the page.
  const scrolled = useRef(false);
  useEffect(() => {
    if (scrolled.current) ref.current?.scrollTo(0, 0);
    scrolled.current = false;
  }, [ref, block.hash]);
  return (
    <div
      ref={ref}
      className="facts"
      onScroll={() => (scrolled.current = true)}
      {...(overflows ? { tabIndex: 0, role: 'group', 'aria-label': 'Fields of the block' } : {})}
    >
      <dl className={explained ? 'explained' : undefined}>
        <dt>Previous</dt>
        <Previous block={block} />
        {meaning('The block that this one stands on. Its hash is part of this header, so neither can change alone.')}
        <dt>Found</dt>
        <Found block={block} />
        {meaning('Who mined it, and when, as the miner says. Both are inside the block and cannot be changed later.')}
        <dt>Nonce</dt>
        <dd>{formatNumber(block.nonce)}</dd>
        {meaning('The number that the miner tried last: with it the hash is low enough.')}
        <dt>Children</dt>
        <Children detail={detail} />
        {meaning('Blocks that stand on this one. Two of them are a fork: the branch with more work counts.')}
        <dt>Holds</dt>
        <dd className="wide">
          {plural(block.transactionCount, 'transaction')}, {formatBytes(block.size)}
        </dd>
        {meaning('Everything that the block carries, and its size on the wire.')}
        <dt className="top">Data</dt>
        <dd className="wide">
          <Data dataText={detail?.dataText ?? JSON.stringify(block.dataPreview)} />
        </dd>
        {meaning('What the miner wrote into the first transaction.')}
        {detail !== null && <OtherTransactions transactions={detail.transactions.slice(1)} />}
      </dl>
    </div>
  );
}
