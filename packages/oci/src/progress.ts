/** How far a transfer is. */
export interface OciProgress {
  /**
   * `resolve`: asking the registry what the reference means. `download` and `upload`: moving the component. `cached`: it came from the disk, or the
   * registry has it already.
   */
  readonly stage: 'resolve' | 'download' | 'upload' | 'cached';
  /** Bytes of the component that have been moved. Begins again at 0 with a retry. */
  readonly transferredBytes: number;
  /** Bytes of the whole component; `undefined` while that is not known. */
  readonly totalBytes: number | undefined;
}
