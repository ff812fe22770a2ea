import type { ChainState, MiningState } from '../../../shared/events.ts';
import { Icon } from '../../components/icons.tsx';
import { Sparkline } from '../../components/Sparkline.tsx';
import { formatCount, formatNumber, plural, scaleCount } from '../../lib/format.ts';
import { Seal } from '../../stage/seal/Seal.tsx';
import { select, useBlock } from '../../store/index.ts';
import { AVERAGE_MARK, droppedWords, minedBy, workDone, workInWords } from './progress.ts';

/** Above this, tries are shortened so that they leave room for the word "average". */
const LONG_COUNT = 100_000_000;

function WorkBar({ hashes, expected }: { hashes: number; expected: number }) {
  const tries = hashes < LONG_COUNT ? formatNumber(hashes) : formatCount(hashes);
  return (
    <>
      <div className="work-bar" role="img" aria-label={`${formatNumber(hashes)} tries: ${workInWords(hashes, expected)}`}>
        <i style={{ width: `${(workDone(hashes, expected) * 100).toFixed(2)}%` }} />
        <u style={{ left: `${(AVERAGE_MARK * 100).toFixed(1)}%` }} />
      </div>
      <div className="work-labels">
        <span>
          <b>{tries}</b> tries
        </span>
        <em style={{ left: `${(AVERAGE_MARK * 100).toFixed(1)}%` }}>average {formatCount(expected)}</em>
      </div>
    </>
  );
}

function ZeroSquares({ lit, of }: { lit: number; of: number }) {
  return (
    <div className="zero-squares" aria-hidden="true">
      {Array.from({ length: of }, (_, index) => (
        <i key={index} className={index < lit ? 'on' : undefined} />
      ))}
    </div>
  );
}

/** Rate, work, closest miss: while the workers run. */
export function MiningReport({ mining }: { mining: MiningState }) {
  const rate = scaleCount(mining.hashRate);
  const { bestZeroBits, requiredZeroBits } = mining;
  return (
    <>
      {/* The panel has no line to spare in a low window. */}
      <div className="rate" title={`Mined by ${minedBy(mining.workers, mining.kernel)}`}>
        <strong>{rate.value}</strong>
        <span>{rate.unit} tries a second</span>
        <span className="sr-only mine-kernel">, {minedBy(mining.workers, mining.kernel)}</span>
        <Sparkline values={mining.rateHistory} width={78} height={26} />
      </div>
      <WorkBar hashes={mining.hashes} expected={mining.expectedHashes} />
      <div className="closest">
        {/* The right number of zeros is not always enough: the rest of the hash may still be too high. */}
        Closest so far: {bestZeroBits} of {requiredZeroBits} zero bits{bestZeroBits >= requiredZeroBits ? ', still too high' : ''}
        <ZeroSquares lit={Math.min(bestZeroBits, requiredZeroBits)} of={requiredZeroBits} />
      </div>
      {mining.templateRenewals > 0 && (
        <p className="mine-note">Template renewed {mining.templateRenewals === 1 ? 'once' : `${formatNumber(mining.templateRenewals)} times`}; no try is lost.</p>
      )}
    </>
  );
}

export function LastResult({ mining }: { mining: MiningState }) {
  const result = mining.lastResult;
  const block = useBlock(result?.hash);
  if (result === undefined) return null;
  const tries = result.hashes === undefined || result.hashes === 0 ? null : plural(result.hashes, 'try', 'tries');
  if (result.outcome === 'found' && result.hash !== undefined) {
    const { hash, height } = result;
    return (
      <button type="button" className="mine-result" onClick={() => select(hash, height)}>
        <Seal hash={hash} size={24} />
        <span>
          You found block {height === undefined ? '' : formatNumber(height)}
          <small>
            {tries === null ? '' : `after ${tries}`}
            {block?.branch === 'side' ? `${tries === null ? '' : ', '}now stale` : ''}
            {droppedWords(result.dropped) === '' ? '' : `${tries === null && block?.branch !== 'side' ? '' : '. '}${droppedWords(result.dropped)}`}
          </small>
        </span>
      </button>
    );
  }
  if (result.outcome === 'stopped') {
    return (
      <p className="mine-result plain">
        <Icon name="info" />
        <span>
          Stopped
          <small>{[tries === null ? '' : `after ${tries}.`, droppedWords(result.dropped), 'Press Mine to start again.'].filter((words) => words !== '').join(' ')}</small>
        </span>
      </p>
    );
  }
  return (
    <p className="mine-result plain bad">
      <Icon name="error" />
      <span>{result.message ?? 'Mining failed. Press Mine to try again.'}</span>
    </p>
  );
}

/** What a block will take, and how the last one ended: while nothing is mined. */
export function IdleReport({ mining, chain }: { mining: MiningState; chain: ChainState }) {
  const expected = scaleCount(chain.nextExpectedHashes);
  return (
    <>
      <div className="rate">
        <strong>{expected.value}</strong>
        <span>{expected.unit} tries on average</span>
      </div>
      {mining.lastResult === undefined && (
        <div className="closest">
          {plural(chain.nextRequiredZeroBits, 'zero bit')} needed in front of the hash
          <ZeroSquares lit={0} of={chain.nextRequiredZeroBits} />
        </div>
      )}
      <div className="mine-last">
        <LastResult mining={mining} />
      </div>
    </>
  );
}
