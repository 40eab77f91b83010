import { Readable, Writable } from 'node:stream';
import type { WasiOptions } from '@lodge/wasi';

/** The standard streams of this process, as a command component's own. */
export function standardStreams(): Pick<WasiOptions, 'stdin' | 'stdout' | 'stderr' | 'terminals'> {
  return {
    stdin: Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
    stdout: Writable.toWeb(process.stdout),
    stderr: Writable.toWeb(process.stderr),
    terminals: {
      stdin: process.stdin.isTTY === true,
      stdout: process.stdout.isTTY === true,
      stderr: process.stderr.isTTY === true,
    },
  };
}
