import { Tabs } from '@base-ui/react/tabs';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { BlockDetail, BlockSummary, HashHex } from '../../../shared/blocks.ts';
import { dialogOpen, takesText } from '../../app/shortcuts.ts';
import { Icon } from '../../components/icons.tsx';
import { IconButton } from '../../components/IconButton.tsx';
import { formatCount, formatNumber, plural } from '../../lib/format.ts';
import { FOLLOW_MS } from '../../lib/limits.ts';
import { usePaced } from '../../lib/use-paced.ts';
import { Seal } from '../../stage/seal/Seal.tsx';
import { select, useBlock, useNode, useShownHash, useUi } from '../../store/index.ts';
import { useTamper } from '../../tamper/tamper-store.ts';
import { type Badge, badgeOf, checkedBy, checkedHow, checkOfRule, CHECKS, nextOf, timeOf } from './facts.ts';
import { BlockFacts } from './BlockFacts.tsx';
import { CopyMenu } from './CopyMenu.tsx';
import { HashBars, HashText } from './HashBars.tsx';
import { HeaderView } from './HeaderView.tsx';
import { MerkleView } from './MerkleView.tsx';
import { TamperButton, TamperView } from './Tamper.tsx';
import { useBlockCheck } from './use-block-check.ts';
import { useBlockDetail } from './use-block-detail.ts';
import './block.css';

const CHANGED: Badge = { text: '≠ changed copy', tone: 'bad' };

interface HeadProps {
  block: BlockSummary;
  /** Hash of a changed copy, while one is looked at. */
  copyHash: HashHex | null;
  tampering: boolean;
  detail: BlockDetail | null;
  explained: boolean;
  onExplain: () => void;
}

function Head({ block, copyHash, tampering, detail, explained, onExplain }: HeadProps) {
  const tipHeight = useNode((state) => state.chain?.tip.height ?? block.height);
  const badge = copyHash !== null ? CHANGED : badgeOf(block, tipHeight, detail?.invalidReason?.rule);
  const next = detail === null ? null : nextOf(detail);
  const goPrevious = (): void => {
    if (block.height > 0) select(block.previousHash, block.height - 1);
  };
  const goNext = (): void => {
    if (next !== null) select(next, block.height + 1);
  };
  return (
    <div className="panel-head">
      <Seal hash={copyHash ?? block.hash} size={24} />
      <h2 id="block-title">Block {formatNumber(block.height)}</h2>
      <span className={`chip ${badge.tone}`} title={badge.text}>
        {badge.text}
      </span>
      <div className="panel-tools">
        {/* Not `disabled`: stepping to the end of the chain must not throw focus out of the panel. */}
        <IconButton icon="chevron-left" label="Previous block" aria-disabled={block.height === 0} onClick={goPrevious} />
        <IconButton icon="chevron-right" label="Next block" aria-disabled={next === null} onClick={goNext} />
        <IconButton icon="help" label="Explain the fields (?)" aria-pressed={explained} onClick={onExplain} />
        <CopyMenu hash={block.hash} detail={detail} />
        <TamperButton hash={block.hash} on={tampering} />
      </div>
    </div>
  );
}

/** Tries from which on the line has no room for every digit. */
const ROUNDED_TRIES = 1_000_000;

export function WorkNote({ detail }: { detail: Pick<BlockDetail, 'tries' | 'expectedHashes' | 'zeroBits' | 'requiredZeroBits'> | null }) {
  if (detail === null) return <p className="work-note">&nbsp;</p>;
  const { tries, expectedHashes } = detail;
  const average = `${formatCount(expectedHashes)} tries on average`;
  return (
    <p className="work-note" title={tries === undefined ? average : `Found on try ${formatNumber(tries)}; ${average}`}>
      <b>{plural(detail.zeroBits, 'zero bit')}</b> in front, {formatNumber(detail.requiredZeroBits)} needed
      {tries === undefined ? `, about ${formatCount(expectedHashes)} tries.` : `. Found on try ${tries < ROUNDED_TRIES ? formatNumber(tries) : formatCount(tries)}.`}
    </p>
  );
}

function Checks({ detail, chosen, explained }: { detail: BlockDetail; chosen: boolean; explained: boolean }) {
  const check = useBlockCheck(detail, chosen);
  const broken = detail.invalidReason ?? check?.violation;
  const failed = broken === undefined ? null : checkOfRule(broken.rule);
  return (
    <div className="checks">
      {CHECKS.map((name) => {
        const time = timeOf(name, check);
        return (
          <span key={name} className={name === failed ? 'bad' : undefined} title={time === '' ? undefined : `${name}: ${time}`}>
            <Icon name={name === failed ? 'x' : 'check'} size={14} />
            {name}
            <span className="sr-only">{name === failed ? ' broke the rule' : ' is right'}</span>
            {time !== '' && <small className={explained ? undefined : 'sr-only'}>{time}</small>}
          </span>
        );
      })}
      {broken !== undefined && failed === null && (
        <span className="bad">
          <Icon name="x" size={14} />
          Rules
        </span>
      )}
      <span className="checked-by" title={checkedHow(check)}>
        {checkedBy(detail, check)}
      </span>
    </div>
  );
}

function Trouble({ title, message, retry }: { title: string; message: string; retry?: (() => void) | undefined }) {
  return (
    <>
      <div className="panel-head">
        <h2 id="block-title">{title}</h2>
      </div>
      <div className="panel-empty">
        <p>{message}</p>
        <div className="panel-empty-actions">
          {retry !== undefined && (
            <button type="button" className="button small" onClick={retry}>
              Try again
            </button>
          )}
          <button type="button" className="button small" onClick={() => select(null)}>
            Show the tip
          </button>
        </div>
      </div>
    </>
  );
}

/** The views of one block. The tab that was chosen stays when another block is shown. */
function Views({ block, detail, chosen, explained }: { block: BlockSummary; detail: BlockDetail | null; chosen: boolean; explained: boolean }) {
  return (
    <Tabs.Root className="block-views" defaultValue="facts">
      <div className="block-views-row">
        <WorkNote detail={detail} />
        <Tabs.List className="block-tabs" aria-label="Views of the block">
          <Tabs.Tab className="block-tab" value="facts">
            Facts
          </Tabs.Tab>
          <Tabs.Tab className="block-tab" value="header">
            Header
          </Tabs.Tab>
          <Tabs.Tab className="block-tab" value="merkle">
            Merkle tree
          </Tabs.Tab>
        </Tabs.List>
      </div>
      <Tabs.Panel className="block-view" value="facts">
        <BlockFacts block={block} detail={detail} explained={explained} />
        {detail?.invalidReason !== undefined && <p className="invalid-reason">{detail.invalidReason.message}</p>}
        {detail !== null && <Checks detail={detail} chosen={chosen} explained={explained} />}
      </Tabs.Panel>
      <Tabs.Panel className="block-view" value="header">
        {detail !== null && <HeaderView detail={detail} />}
      </Tabs.Panel>
      <Tabs.Panel className="block-view" value="merkle">
        {detail !== null && <MerkleView detail={detail} />}
      </Tabs.Panel>
    </Tabs.Root>
  );
}

/** The block that is shown: the one that somebody chose, or else the tip, as often as a person can follow it. */
function Paced({ explained, onExplain }: { explained: boolean; onExplain: () => void }) {
  const hash = useShownHash();
  const chosen = useUi((state) => state.selectedHash !== null);
  const version = useNode((state) => (state.chain === null ? '' : `${state.chain.tip.hash} ${state.chain.blockCount}`));
  // As one: two that are paced by themselves would draw the panel twice.
  const paced = usePaced(
    useMemo(() => ({ hash, version }), [hash, version]),
    FOLLOW_MS,
    false,
  );
  return <Content hash={chosen ? hash : paced.hash} chosen={chosen} version={paced.version} explained={explained} onExplain={onExplain} />;
}

interface ContentProps {
  hash: HashHex | null;
  chosen: boolean;
  /** Changes whenever the chain does. */
  version: string;
  explained: boolean;
  onExplain: () => void;
}

const Content = memo(function Content({ hash, chosen, version, explained, onExplain }: ContentProps) {
  const held = useBlock(hash);
  const { detail, status, message, retry } = useBlockDetail(hash, chosen, version);
  const target = useTamper((state) => (state.target?.hash === hash ? state.target : null));
  const copyHash = useTamper((state) => (state.change?.hash === hash ? state.change.newHash : null));
  // The store hears of a change of branch at once, the detail only with the next answer.
  const block = held ?? detail;
  if (status === 'missing' || (status === 'failed' && block === null)) {
    return <Trouble title="Block" message={message ?? ''} retry={status === 'failed' ? retry : undefined} />;
  }
  if (block === null || block === undefined) {
    return (
      <>
        <div className="panel-head">
          <h2 id="block-title">Block</h2>
        </div>
        <p className="panel-empty">Reading the chain.</p>
      </>
    );
  }
  return (
    <>
      <Head block={block} copyHash={copyHash} tampering={target !== null} detail={detail} explained={explained} onExplain={onExplain} />
      <HashBars hash={copyHash ?? block.hash} />
      <HashText hash={copyHash ?? block.hash} />
      {target === null ? <Views block={block} detail={detail} chosen={chosen} explained={explained} /> : <TamperView key={target.hash} target={target} />}
      {status === 'failed' && (
        <p className="invalid-reason">
          {message}{' '}
          <button type="button" className="link" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </>
  );
});

/** Everything about one block: the one that was chosen, or else the tip. */
export function BlockPanel() {
  const [explained, setExplained] = useState(false);
  const explain = useCallback(() => setExplained((before) => !before), []);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '?' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
      // Outside the panel it is a single key as the others are, and switched off with them.
      const inside = event.target instanceof Node && panel.current?.contains(event.target) === true;
      if (!inside && !useUi.getState().shortcuts) return;
      if (dialogOpen()) return;
      // A presentation hides the panel.
      if ((panel.current?.getClientRects().length ?? 0) === 0) return;
      event.preventDefault();
      explain();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [explain]);
  return (
    <section ref={panel} className="panel block-panel" data-region="block" aria-labelledby="block-title">
      <Paced explained={explained} onExplain={explain} />
    </section>
  );
}
