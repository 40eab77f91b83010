import type { Options } from 'tsup';

/** What a package may choose about its own build. */
export interface LodgeBuildOptions {
  /** Output name to source file, one entry for each subpath in `exports`. */
  entry: Record<string, string>;
  /**
   * Whether to emit type declarations. Off for a package that is only a command.
   *
   * @default true
   */
  dts?: boolean;
}

/** Returns the tsup configuration that all packages share. */
export declare function defineLodgeConfig(options: LodgeBuildOptions): Options;
