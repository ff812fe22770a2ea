import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import type { MiningState } from '../../../shared/events.ts';
import { IDS } from '../../app/shortcuts.ts';
import { StopIcon } from '../../components/icons.tsx';
import { formatNumber } from '../../lib/format.ts';
import { FOLLOW_MS } from '../../lib/limits.ts';
import { usePaced } from '../../lib/use-paced.ts';
import { useNode } from '../../store/index.ts';
import { offerSample, setText, startMining, stopMining, useDraft } from './draft.ts';
import { IdleReport, MiningReport } from './reports.tsx';
import { droppedWords, otherData, waitingWords } from './progress.ts';
import './mine.css';

/** `mined`: the start of the data that the block at work carries; undefined while nothing is mined. */
function DataField({ mined }: { mined: string | undefined }) {
  const { text, error } = useDraft();
  const mining = mined !== undefined;
  const other = mined === undefined ? null : otherData(mined, text);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void startMining();
  };
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={IDS.data}>Data</label>
        {other !== null && (
          <span className="ellipsis" title={`Now mining: ${other === '' ? 'empty text' : other}`}>
            now mining: {other === '' ? 'empty text' : <bdi>{other}</bdi>}
          </span>
        )}
      </div>
      <textarea
        id={IDS.data}
        dir="auto"
        rows={mining ? (/\n|.{36}/.test(text) ? 2 : 1) : 3}
        value={text}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error === null ? undefined : true}
        aria-describedby={error === null ? undefined : 'mine-error'}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {error !== null && (
        <p className="field-error" id="mine-error">
          {error.message}
        </p>
      )}
    </div>
  );
}

/**
 * One element for both commands, so that keyboard focus stays where it is when mining starts and ends. A double click, or a
 * key held down, is one wish: it does not stop what it has just started.
 */
function MineButton({ mining, height }: { mining: boolean; height: number }) {
  const sending = useDraft((state) => state.sending);
  const onClick = (event: MouseEvent): void => {
    if (!mining) void startMining();
    else if (event.detail <= 1) void stopMining();
  };
  return (
    <button
      id={IDS.mine}
      type="button"
      className={`button ${mining ? 'stop' : 'mine'}`}
      aria-busy={sending}
      onKeyDown={(event) => {
        if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault();
      }}
      onClick={onClick}
    >
      {mining ? (
        <>
          <StopIcon />
          Stop mining
        </>
      ) : (
        `Mine block ${formatNumber(height)}`
      )}
    </button>
  );
}

/** Puts focus on the Mine button of a chain that has only its first block, so that one press starts it. */
function useFirstFocus(fresh: boolean | null): void {
  const done = useRef(false);
  useEffect(() => {
    if (fresh === null || done.current) return;
    done.current = true;
    if (fresh && document.activeElement === document.body) document.getElementById(IDS.mine)?.focus();
  }, [fresh]);
}

const nextHeight = (mining: MiningState, tipHeight: number): number =>
  mining.status === 'mining' ? mining.height : tipHeight + 1;

/** What waits: blocks to be mined after this one, and transactions that the next block takes along. */
function Queue({ blocks, transactions }: { blocks: number; transactions: number }) {
  const { short, full } = waitingWords(blocks, transactions);
  if (short === '') return null;
  return (
    <span className="panel-count ellipsis" title={full}>
      <span aria-hidden="true">{short}</span>
      <span className="sr-only">{full}</span>
    </span>
  );
}

/** How the last job ended, in words. */
function endOf(result: MiningState['lastResult']): string {
  if (result === undefined) return '';
  if (result.outcome === 'found') return `You found block ${result.height === undefined ? '' : formatNumber(result.height)}`;
  return result.outcome === 'stopped' ? `Mining stopped. ${droppedWords(result.dropped)}`.trim() : (result.message ?? 'Mining failed');
}

export function MinePanel() {
  const state = useNode((node) => node.mining);
  const chain = usePaced(
    useNode((node) => node.chain),
    FOLLOW_MS,
    false,
  );
  const name = useNode((node) => node.node?.name);
  const pending = useNode((node) => node.mempool?.count ?? 0);
  useEffect(() => {
    if (name !== undefined) offerSample(`Hello from ${name}`);
  }, [name]);
  useFirstFocus(chain === null ? null : chain.tip.height === 0);
  const mining = state?.status === 'mining';
  const height = state === null || chain === null ? null : nextHeight(state, chain.tip.height);
  return (
    <section className="panel mine-panel" data-region="mine" aria-labelledby="mine-title">
      <div className="panel-head">
        <h2 id="mine-title">{mining && height !== null ? `Mine block ${formatNumber(height)}` : 'Mine'}</h2>
        <Queue blocks={mining ? state.queued : 0} transactions={pending} />
      </div>
      <DataField mined={mining ? state.dataPreview : undefined} />
      {state !== null && chain !== null && (mining ? <MiningReport mining={state} /> : <IdleReport mining={state} chain={chain} />)}
      {/* There before it has something to say: a live region that comes with its words is not read. */}
      <p className="sr-only" aria-live="polite">
        {mining ? '' : endOf(state?.lastResult)}
      </p>
      <div className="mine-action">{height !== null && <MineButton mining={mining} height={height} />}</div>
    </section>
  );
}
