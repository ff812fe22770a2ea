import { useEffect, useState } from 'react';
import type { BlockDetail, HashHex } from '../../../shared/blocks.ts';
import { Icon } from '../../components/icons.tsx';
import { formatNumber } from '../../lib/format.ts';
import { hashEnding } from '../../lib/identity.ts';
import { MAX_MERKLE_LEAVES, MAX_MERKLE_NODES } from '../../lib/limits.ts';
import { Seal } from '../../stage/seal/Seal.tsx';
import { useOverflow } from './use-overflow.ts';
import { merkleLevels, type MerkleLevels } from './merkle.ts';

/** The tree of a block, hashed here in the window; null until it is ready, or when there are too many leaves. */
function useMerkle(detail: BlockDetail): MerkleLevels | null {
  const [tree, setTree] = useState<{ hash: HashHex; tree: MerkleLevels } | null>(null);
  const { hash, transactions } = detail;
  useEffect(() => {
    if (transactions.length === 0 || transactions.length > MAX_MERKLE_LEAVES) return undefined;
    let stale = false;
    void merkleLevels(transactions.map(({ id }) => id)).then((made) => {
      if (!stale) setTree({ hash, tree: made });
    });
    return () => {
      stale = true;
    };
    // The transactions of a hash never change.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [hash]);
  return tree?.hash === hash ? tree.tree : null;
}

function Level({ name, hashes }: { name: string; hashes: readonly HashHex[] }) {
  const rest = hashes.length - MAX_MERKLE_NODES;
  return (
    <div className="merkle-level">
      <b>{name}</b>
      <ul aria-label={name}>
        {hashes.slice(0, MAX_MERKLE_NODES).map((hash, index) => (
          <li key={index} className="mono" title={hash}>
            <Seal hash={hash} size={16} />…{hashEnding(hash, 6)}
          </li>
        ))}
        {rest > 0 && <li>and {formatNumber(rest)} more</li>}
      </ul>
    </div>
  );
}

/** Level names from the root down. */
function levelName(fromTop: number, levels: number): string {
  if (fromTop === 0) return 'Root';
  return fromTop === levels - 1 ? 'Ids' : `Level ${String(fromTop)}`;
}

/** How the ids of the transactions become the one hash in the header, and whether it is that one. */
export function MerkleView({ detail }: { detail: BlockDetail }) {
  const tree = useMerkle(detail);
  const { ref, overflows } = useOverflow();
  return (
    <div ref={ref} className="merkle-view" {...(overflows ? { tabIndex: 0, role: 'group', 'aria-label': 'Merkle tree' } : {})}>
      <div>
        {tree !== null ? (
          <Tree tree={tree} root={detail.merkleRoot} />
        ) : (
          <p>{detail.transactions.length > MAX_MERKLE_LEAVES ? `${formatNumber(detail.transactions.length)} transactions are too many to draw.` : 'Hashing.'}</p>
        )}
      </div>
    </div>
  );
}

function Tree({ tree, root }: { tree: MerkleLevels; root: HashHex }) {
  const right = tree.root === root;
  const fromTop = [...tree.levels].reverse();
  return (
    <>
      <p className={right ? 'matches' : 'invalid-reason'}>
        <Icon name={right ? 'check' : 'x'} size={14} />
        {right ? 'The root is the one in the header.' : `The header says …${hashEnding(root, 6)}: the transactions were changed.`}
      </p>
      {fromTop.map((hashes, index) => (
        <Level key={index} name={levelName(index, fromTop.length)} hashes={hashes} />
      ))}
      {fromTop.length === 1 && <p>One transaction: its id is the root.</p>}
    </>
  );
}
