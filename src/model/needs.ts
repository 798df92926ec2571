/** What the invocations of a function needed of memory. */

/** So many invocations needed more than the bin before has, and at most `upToMib`. */
export interface NeedBin {
  readonly upToMib: number;
  readonly count: number;
}

/** In ascending order, without empty bins. */
export type Needs = readonly NeedBin[];

/** The size that follows from them. */
export interface Sizing {
  readonly needs: Needs;
  /** How many invocations they are. */
  readonly samples: number;
  /** The size to choose; null while there are too few samples. */
  readonly recommendedMib: number | null;
  /** How likely it is that this size is enough for 99 of 100 invocations like these. */
  readonly confidence: number;
}

/** Where they are kept while the service does not run. */
export interface NeedStore {
  load(): ReadonlyMap<string, Needs>;
  /** Replaces those of the functions named; one that does not exist any more is left out. */
  save(changed: ReadonlyMap<string, Needs>): void;
}
