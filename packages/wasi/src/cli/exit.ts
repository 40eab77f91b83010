import { GuestExit } from '@lodge/core';

/** `wasi:cli/exit` */
export interface Exit {
  /** `exit: func(status: result)`. Ends the guest, never the host, with exit code 0 or 1. */
  exit(status: { readonly tag: 'ok' | 'err' }): never;
  /** `exit-with-code: func(status-code: u8)`. Ends the guest, never the host. */
  exitWithCode(statusCode: number): never;
}

/** `wasi:cli/exit`. Both throw `GuestExit`. */
export const exit: Exit = {
  exit(status) {
    throw new GuestExit(status.tag === 'ok' ? 0 : 1);
  },
  exitWithCode(statusCode) {
    throw new GuestExit(statusCode);
  },
};
