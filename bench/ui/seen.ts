/** What the probe in the page hands to the bench. */

/** What was seen between `start` and `stop`; times in ms. */
export interface Seen {
  seconds: number;
  /** Each picture that the chain's canvas drew. */
  draws: number[];
  /** Tasks of the main thread over 50 ms, as the browser reports them. */
  longTasks: number[];
  /** How often the page was asked for a frame; 0 where that was not counted. */
  frames: number;
  /** From a key press, as the browser's own process stamped it, to the end of the frame that followed in the page. */
  latencies: number[];
  /** The same as the browser reports it, with what came after the page: in steps of 8 ms, and none under 16. */
  slowEvents: number[];
}

/** A block that was waited for: ms from the key press that asked for it to the end of the frame that showed it. */
export interface Shown {
  ms: number;
  /** The block's option in sight and chosen; the panel with its hash. */
  option: number;
  panel: number;
}
