import type { ComponentInfo, InterfaceId, InterfaceImports, ProvidedInterface } from '@lodge/core';
import { type Environment, environment } from './cli/environment.js';
import { type Exit, exit } from './cli/exit.js';
import { type Stdio, type StdioFactories, stdio } from './cli/stdio.js';
import { TerminalInput, type TerminalOptions, TerminalOutput, type Terminals, terminals } from './cli/terminal.js';
import type { Clock } from './clocks/clock.js';
import { type MonotonicClock, monotonicClock } from './clocks/monotonic-clock.js';
import { type WallClock, wallClock } from './clocks/wall-clock.js';
import { type FilesystemTypes, filesystemTypes, type Preopens, preopens } from './filesystem/filesystem.js';
import { signatures } from './generated/signatures.js';
import { IoError } from './io/error.js';
import { InputStream } from './io/input-stream.js';
import { OutputStream } from './io/output-stream.js';
import { createPoll, type Poll } from './io/poll.js';
import { Pollable } from './io/pollable.js';
import {
  type InsecureRandom,
  type InsecureSeed,
  insecureRandom,
  insecureSeed,
  type Random,
  random,
} from './random/random.js';
import { type Sockets, sockets } from './sockets/sockets.js';

/** What the interfaces are made from. */
export interface WasiResources extends StdioFactories {
  readonly clock: Clock;
  readonly terminals: TerminalOptions;
  readonly maxRandomBytes: number;
  readonly maxPollables: number;
}

/** Every interface that is served, for one component. */
export interface WasiInterfaces {
  readonly 'wasi:io/error': { readonly Error: typeof IoError };
  readonly 'wasi:io/poll': { readonly poll: Poll; readonly Pollable: typeof Pollable };
  readonly 'wasi:io/streams': { readonly InputStream: typeof InputStream; readonly OutputStream: typeof OutputStream };
  readonly 'wasi:clocks/monotonic-clock': MonotonicClock;
  readonly 'wasi:clocks/wall-clock': WallClock;
  readonly 'wasi:random/random': Random;
  readonly 'wasi:random/insecure': InsecureRandom;
  readonly 'wasi:random/insecure-seed': InsecureSeed;
  readonly 'wasi:cli/environment': Environment;
  readonly 'wasi:cli/exit': Exit;
  readonly 'wasi:cli/stdin': Pick<Stdio, 'getStdin'>;
  readonly 'wasi:cli/stdout': Pick<Stdio, 'getStdout'>;
  readonly 'wasi:cli/stderr': Pick<Stdio, 'getStderr'>;
  readonly 'wasi:cli/terminal-input': { readonly TerminalInput: typeof TerminalInput };
  readonly 'wasi:cli/terminal-output': { readonly TerminalOutput: typeof TerminalOutput };
  readonly 'wasi:cli/terminal-stdin': Pick<Terminals, 'getTerminalStdin'>;
  readonly 'wasi:cli/terminal-stdout': Pick<Terminals, 'getTerminalStdout'>;
  readonly 'wasi:cli/terminal-stderr': Pick<Terminals, 'getTerminalStderr'>;
  readonly 'wasi:filesystem/types': FilesystemTypes;
  readonly 'wasi:filesystem/preopens': Preopens;
  readonly 'wasi:sockets/network': Pick<Sockets, 'Network' | 'networkErrorCode'>;
  readonly 'wasi:sockets/instance-network': Pick<Sockets, 'instanceNetwork'>;
  readonly 'wasi:sockets/tcp': Pick<Sockets, 'TcpSocket'>;
  readonly 'wasi:sockets/tcp-create-socket': Pick<Sockets, 'createTcpSocket'>;
  readonly 'wasi:sockets/udp': Pick<Sockets, 'UdpSocket' | 'IncomingDatagramStream' | 'OutgoingDatagramStream'>;
  readonly 'wasi:sockets/udp-create-socket': Pick<Sockets, 'createUdpSocket'>;
  readonly 'wasi:sockets/ip-name-lookup': Pick<Sockets, 'ResolveAddressStream' | 'resolveAddresses'>;
}

/** The highest patch of WASI 0.2 that is served. */
const version = '0.2.12';

/** Per interface, the WIT names of the functions that may answer with a promise. */
const suspends: { readonly [name in keyof WasiInterfaces]: readonly string[] } = {
  'wasi:io/error': [],
  'wasi:io/poll': ['poll', '[method]pollable.block'],
  'wasi:io/streams': [
    '[method]input-stream.blocking-read',
    '[method]input-stream.blocking-skip',
    '[method]output-stream.blocking-write-and-flush',
    '[method]output-stream.blocking-flush',
    '[method]output-stream.blocking-write-zeroes-and-flush',
    '[method]output-stream.blocking-splice',
  ],
  'wasi:clocks/monotonic-clock': [],
  'wasi:clocks/wall-clock': [],
  'wasi:random/random': [],
  'wasi:random/insecure': [],
  'wasi:random/insecure-seed': [],
  'wasi:cli/environment': [],
  'wasi:cli/exit': [],
  'wasi:cli/stdin': [],
  'wasi:cli/stdout': [],
  'wasi:cli/stderr': [],
  'wasi:cli/terminal-input': [],
  'wasi:cli/terminal-output': [],
  'wasi:cli/terminal-stdin': [],
  'wasi:cli/terminal-stdout': [],
  'wasi:cli/terminal-stderr': [],
  'wasi:filesystem/types': [],
  'wasi:filesystem/preopens': [],
  'wasi:sockets/network': [],
  'wasi:sockets/instance-network': [],
  'wasi:sockets/tcp': [],
  'wasi:sockets/tcp-create-socket': [],
  'wasi:sockets/udp': [],
  'wasi:sockets/udp-create-socket': [],
  'wasi:sockets/ip-name-lookup': [],
};

/** What components may import. Nothing of it grants anything that the workload's spec does not. */
export const providedInterfaces: readonly ProvidedInterface[] = Object.entries(suspends).map(([name, functions]) => ({
  id: `${name as keyof WasiInterfaces}@${version}`,
  suspends: functions,
  functions: signatures[`${name as keyof WasiInterfaces}@${version}`],
  isAmbient: true,
}));

/** The interfaces of one component: nothing in them depends on the instance. */
export function createInterfaces(component: ComponentInfo, resources: WasiResources): WasiInterfaces {
  const { getStdin, getStdout, getStderr } = stdio(component, resources);
  const { getTerminalStdin, getTerminalStdout, getTerminalStderr } = terminals(resources.terminals);
  const network = sockets();
  const { IncomingDatagramStream, OutgoingDatagramStream, ResolveAddressStream, TcpSocket, UdpSocket } = network;
  return {
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': { poll: createPoll(resources), Pollable },
    'wasi:io/streams': { InputStream, OutputStream },
    'wasi:clocks/monotonic-clock': monotonicClock(resources.clock),
    'wasi:clocks/wall-clock': wallClock(resources.clock),
    'wasi:random/random': random(resources.maxRandomBytes),
    'wasi:random/insecure': insecureRandom(resources.maxRandomBytes),
    'wasi:random/insecure-seed': insecureSeed(),
    'wasi:cli/environment': environment(component),
    'wasi:cli/exit': exit,
    'wasi:cli/stdin': { getStdin },
    'wasi:cli/stdout': { getStdout },
    'wasi:cli/stderr': { getStderr },
    'wasi:cli/terminal-input': { TerminalInput },
    'wasi:cli/terminal-output': { TerminalOutput },
    'wasi:cli/terminal-stdin': { getTerminalStdin },
    'wasi:cli/terminal-stdout': { getTerminalStdout },
    'wasi:cli/terminal-stderr': { getTerminalStderr },
    'wasi:filesystem/types': filesystemTypes(),
    'wasi:filesystem/preopens': preopens(),
    'wasi:sockets/network': { Network: network.Network, networkErrorCode: network.networkErrorCode },
    'wasi:sockets/instance-network': { instanceNetwork: network.instanceNetwork },
    'wasi:sockets/tcp': { TcpSocket },
    'wasi:sockets/tcp-create-socket': { createTcpSocket: network.createTcpSocket },
    'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'wasi:sockets/udp-create-socket': { createUdpSocket: network.createUdpSocket },
    'wasi:sockets/ip-name-lookup': { ResolveAddressStream, resolveAddresses: network.resolveAddresses },
  };
}

/** The imports that `requests` ask for, by the component's own names for them. */
export function selectImports(
  interfaces: WasiInterfaces,
  requests: readonly { readonly id: InterfaceId; readonly externName: string }[],
): Readonly<Record<string, InterfaceImports>> {
  const byName = interfaces as unknown as Readonly<Record<string, InterfaceImports>>;
  const imports: Record<string, InterfaceImports> = {};
  for (const { id, externName } of requests) {
    const [name = id] = id.split('@');
    const found = Object.hasOwn(byName, name) ? byName[name] : undefined;
    if (found !== undefined) imports[externName] = found;
  }
  return Object.freeze(imports);
}
