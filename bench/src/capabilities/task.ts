/** What the process of a subject is started with, as JSON in its first argument. */
export interface SubjectTask {
  /** Such as `keyvalue`. */
  readonly capability: string;
  /** Such as `lodge`. */
  readonly subject: string;
  /** Of the component. */
  readonly file: string;
  /** Of the server; unset: in memory. */
  readonly natsUrl?: string;
}

/** A line to the process of a subject: go on with `operation` for `ms` milliseconds, at least once. */
export interface WorkRequest {
  readonly operation: string;
  readonly ms: number;
  /** Operations in one call of a guest, or pieces of 64 KiB of one object. */
  readonly count: number;
}

/** The answer to it. */
export interface WorkReply {
  /** How much was done, in the unit of the capability. */
  readonly done?: number;
  /** How long that took. */
  readonly ms?: number;
  /** Processor time of the process meanwhile, in milliseconds. */
  readonly cpuMs?: number;
  /** Why nothing was done. */
  readonly error?: string;
}

/** Goes on with an operation until `isOver`, and answers with how much it has done. */
export type Work = (request: WorkOptions) => Promise<number>;

/** Options of {@link Work}. */
export interface WorkOptions {
  readonly count: number;
  isOver(): boolean;
}

/** What a subject can do, by the name of the operation. */
export type Works = Readonly<Record<string, Work>>;

/** Calls, or loops of the bare client, at a time. */
export const lanes = 32;

/** Bytes of a value or message. */
export const valueBytes = 100;

/** Bytes of a piece of an object. */
export const pieceBytes = 65_536;
