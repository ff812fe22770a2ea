/** How many blocks joined the chain since its tip was last in sight: the number of the "new" pill. Pure. */

export interface Seen {
  /** Up to this height the chain is what was in sight last. */
  readonly height: number;
  /** The last reorg that is taken into account; its id counts up. */
  readonly reorgId: number;
}

/**
 * What counts as seen now. `fork`: the height at which the last reorg's branches part, when there was one: all above it is new, however high the old
 * branch stood. The same object while nothing changed.
 */
export function seenNow(seen: Seen, now: { tipHeight: number; tipInSight: boolean; reorgId: number; fork: number | undefined }): Seen {
  const { tipHeight, tipInSight, reorgId, fork } = now;
  const parted = reorgId !== seen.reorgId && fork !== undefined ? fork : seen.height;
  const height = tipInSight ? tipHeight : Math.min(seen.height, parted, tipHeight);
  return height === seen.height && reorgId === seen.reorgId ? seen : { height, reorgId };
}
