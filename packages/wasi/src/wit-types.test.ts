import type * as ShimEnvironment from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-environment';
import type * as ShimExit from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-exit';
import type * as ShimStderr from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stderr';
import type * as ShimStdin from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stdin';
import type * as ShimStdout from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stdout';
import type * as ShimTerminalInput from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-input';
import type * as ShimTerminalOutput from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-output';
import type * as ShimTerminalStderr from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stderr';
import type * as ShimTerminalStdin from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stdin';
import type * as ShimTerminalStdout from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stdout';
import type * as ShimMonotonicClock from '@bytecodealliance/preview2-shim/interfaces/wasi-clocks-monotonic-clock';
import type * as ShimWallClock from '@bytecodealliance/preview2-shim/interfaces/wasi-clocks-wall-clock';
import type * as ShimPreopens from '@bytecodealliance/preview2-shim/interfaces/wasi-filesystem-preopens';
import type * as ShimFilesystem from '@bytecodealliance/preview2-shim/interfaces/wasi-filesystem-types';
import type * as ShimError from '@bytecodealliance/preview2-shim/interfaces/wasi-io-error';
import type * as ShimPoll from '@bytecodealliance/preview2-shim/interfaces/wasi-io-poll';
import type * as ShimStreams from '@bytecodealliance/preview2-shim/interfaces/wasi-io-streams';
import type * as ShimInsecure from '@bytecodealliance/preview2-shim/interfaces/wasi-random-insecure';
import type * as ShimInsecureSeed from '@bytecodealliance/preview2-shim/interfaces/wasi-random-insecure-seed';
import type * as ShimRandom from '@bytecodealliance/preview2-shim/interfaces/wasi-random-random';
import type * as ShimInstanceNetwork from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-instance-network';
import type * as ShimLookup from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-ip-name-lookup';
import type * as ShimNetwork from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-network';
import type * as ShimTcp from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-tcp';
import type * as ShimTcpCreate from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-tcp-create-socket';
import type * as ShimUdp from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-udp';
import type * as ShimUdpCreate from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-udp-create-socket';
import { expect, test } from 'vitest';
import { providedInterfaces, type WasiInterfaces } from './interfaces.js';
import type { IoError } from './io/error.js';
import type { InputStream } from './io/input-stream.js';
import type { OutputStream } from './io/output-stream.js';
import type { Pollable } from './io/pollable.js';

/** Resources of the generated types, by ours. */
type Ours<T> = T extends readonly (infer Element)[]
  ? number extends T['length']
    ? Ours<Element>[]
    : { [Index in keyof T]: Ours<T[Index]> }
  : T extends ShimStreams.InputStream
    ? InputStream
    : T extends ShimStreams.OutputStream
      ? OutputStream
      : T extends ShimPoll.Pollable
        ? Pollable
        : T extends ShimError.Error
          ? IoError
          : T;

/** A function of the generated types as a host may serve it: what may wait may answer with a promise. */
type Served<F> = F extends (...args: infer Args) => infer Result
  ? (...args: { [Index in keyof Args]: Ours<Args[Index]> }) => Ours<Result> | Promise<Ours<Result>>
  : never;

/** A whole interface of the generated types as a host may serve it. */
type ServedInterface<Module> = {
  [Name in keyof Module]: Module[Name] extends { readonly prototype: infer Instance }
    ? { readonly prototype: { [Method in keyof Instance]: Served<Instance[Method]> } & Disposable }
    : Served<Module[Name]>;
};

/** The generated types of what is served. The compiler checks each against ours. */
interface Expected {
  'wasi:io/error': ServedInterface<typeof ShimError>;
  'wasi:io/poll': ServedInterface<typeof ShimPoll>;
  'wasi:io/streams': ServedInterface<typeof ShimStreams>;
  'wasi:clocks/monotonic-clock': ServedInterface<typeof ShimMonotonicClock>;
  'wasi:clocks/wall-clock': ServedInterface<typeof ShimWallClock>;
  'wasi:random/random': ServedInterface<typeof ShimRandom>;
  'wasi:random/insecure': ServedInterface<typeof ShimInsecure>;
  'wasi:random/insecure-seed': ServedInterface<typeof ShimInsecureSeed>;
  'wasi:cli/environment': ServedInterface<typeof ShimEnvironment>;
  'wasi:cli/exit': ServedInterface<typeof ShimExit>;
  'wasi:cli/stdin': ServedInterface<typeof ShimStdin>;
  'wasi:cli/stdout': ServedInterface<typeof ShimStdout>;
  'wasi:cli/stderr': ServedInterface<typeof ShimStderr>;
  'wasi:cli/terminal-input': ServedInterface<typeof ShimTerminalInput>;
  'wasi:cli/terminal-output': ServedInterface<typeof ShimTerminalOutput>;
  'wasi:cli/terminal-stdin': ServedInterface<typeof ShimTerminalStdin>;
  'wasi:cli/terminal-stdout': ServedInterface<typeof ShimTerminalStdout>;
  'wasi:cli/terminal-stderr': ServedInterface<typeof ShimTerminalStderr>;
  'wasi:filesystem/types': ServedInterface<typeof ShimFilesystem>;
  'wasi:filesystem/preopens': ServedInterface<typeof ShimPreopens>;
  'wasi:sockets/network': ServedInterface<typeof ShimNetwork>;
  'wasi:sockets/instance-network': ServedInterface<typeof ShimInstanceNetwork>;
  'wasi:sockets/tcp': ServedInterface<typeof ShimTcp>;
  'wasi:sockets/tcp-create-socket': ServedInterface<typeof ShimTcpCreate>;
  'wasi:sockets/udp': ServedInterface<typeof ShimUdp>;
  'wasi:sockets/udp-create-socket': ServedInterface<typeof ShimUdpCreate>;
  'wasi:sockets/ip-name-lookup': ServedInterface<typeof ShimLookup>;
}

/** Compiles only when every interface is as the generated types state it. */
function check(interfaces: WasiInterfaces): Expected {
  return interfaces;
}

test('every interface of the generated types is served', () => {
  expect(check).toBeTypeOf('function');
  expect(providedInterfaces).toHaveLength(27);
});
