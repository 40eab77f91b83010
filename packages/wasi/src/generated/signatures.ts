// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const ipAddressFamilyType = 'enum { ipv4, ipv6 }';
const pathFlagsType = 'flags { symlink-follow }';
const shutdownTypeType = 'enum { receive, send, both }';
const metadataHashValueType = 'record { lower: u64, upper: u64 }';
const datetimeType = 'record { seconds: u64, nanoseconds: u32 }';
const openFlagsType = 'flags { create, directory, exclusive, truncate }';
const ipv4SocketAddressType = 'record { port: u16, address: tuple<u8, u8, u8, u8> }';
const adviceType = 'enum { normal, sequential, random, will-need, dont-need, no-reuse }';
const streamErrorType = 'variant { last-operation-failed(own<wasi:io/error.error@0.2>), closed }';
const newTimestampType = `variant { no-change, now, timestamp(${datetimeType}) }`;
const ipSocketAddressType = 'variant { ipv4(tuple<u8, u8, u8, u8>), ipv6(tuple<u16, u16, u16, u16, u16, u16, u16, u16>) }';
const descriptorTypeType = 'enum { unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket }';
const descriptorFlagsType = 'flags { read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory }';
const ipv6SocketAddressType = 'record { port: u16, flow-info: u32, address: tuple<u16, u16, u16, u16, u16, u16, u16, u16>, scope-id: u32 }';
const directoryEntryType = `record { type: ${descriptorTypeType}, name: string }`;
const ipSocketAddressType2 = `variant { ipv4(${ipv4SocketAddressType}), ipv6(${ipv6SocketAddressType}) }`;
const outgoingDatagramType = `record { data: list<u8>, remote-address: ${ipSocketAddressType2} }`;
const outgoingDatagramType2 = `record { data: list<u8>, remote-address: option<${ipSocketAddressType2}> }`;
const descriptorStatType = `record { type: ${descriptorTypeType}, link-count: u64, size: u64, data-access-timestamp: option<${datetimeType}>, data-modification-timestamp: option<${datetimeType}>, status-change-timestamp: option<${datetimeType}> }`;
const errorCodeType = 'enum { unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict, not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large, name-unresolvable, temporary-resolver-failure, permanent-resolver-failure }';
const errorCodeType2 = 'enum { access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device }';

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:cli/environment@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/exit@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/stdin@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/stdout@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/stderr@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/terminal-input@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/terminal-output@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/terminal-stdin@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/terminal-stdout@0.2.12': FunctionSignatures;
  readonly 'wasi:cli/terminal-stderr@0.2.12': FunctionSignatures;
  readonly 'wasi:clocks/monotonic-clock@0.2.12': FunctionSignatures;
  readonly 'wasi:clocks/wall-clock@0.2.12': FunctionSignatures;
  readonly 'wasi:filesystem/types@0.2.12': FunctionSignatures;
  readonly 'wasi:filesystem/preopens@0.2.12': FunctionSignatures;
  readonly 'wasi:io/error@0.2.12': FunctionSignatures;
  readonly 'wasi:io/poll@0.2.12': FunctionSignatures;
  readonly 'wasi:io/streams@0.2.12': FunctionSignatures;
  readonly 'wasi:random/insecure-seed@0.2.12': FunctionSignatures;
  readonly 'wasi:random/insecure@0.2.12': FunctionSignatures;
  readonly 'wasi:random/random@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/network@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/instance-network@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/ip-name-lookup@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/tcp@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/tcp-create-socket@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/udp@0.2.12': FunctionSignatures;
  readonly 'wasi:sockets/udp-create-socket@0.2.12': FunctionSignatures;
} = {
  'wasi:cli/environment@0.2.12': {
    'get-environment': 'func() -> list<tuple<string, string>>',
    'get-arguments': 'func() -> list<string>',
    'initial-cwd': 'func() -> option<string>',
  },
  'wasi:cli/exit@0.2.12': {
    exit: 'func(status: result)',
    'exit-with-code': 'func(status-code: u8)',
  },
  'wasi:cli/stdin@0.2.12': {
    'get-stdin': 'func() -> own<wasi:io/streams.input-stream@0.2>',
  },
  'wasi:cli/stdout@0.2.12': {
    'get-stdout': 'func() -> own<wasi:io/streams.output-stream@0.2>',
  },
  'wasi:cli/stderr@0.2.12': {
    'get-stderr': 'func() -> own<wasi:io/streams.output-stream@0.2>',
  },
  'wasi:cli/terminal-input@0.2.12': {},
  'wasi:cli/terminal-output@0.2.12': {},
  'wasi:cli/terminal-stdin@0.2.12': {
    'get-terminal-stdin': 'func() -> option<own<wasi:cli/terminal-input.terminal-input@0.2>>',
  },
  'wasi:cli/terminal-stdout@0.2.12': {
    'get-terminal-stdout': 'func() -> option<own<wasi:cli/terminal-output.terminal-output@0.2>>',
  },
  'wasi:cli/terminal-stderr@0.2.12': {
    'get-terminal-stderr': 'func() -> option<own<wasi:cli/terminal-output.terminal-output@0.2>>',
  },
  'wasi:clocks/monotonic-clock@0.2.12': {
    now: 'func() -> u64',
    resolution: 'func() -> u64',
    'subscribe-instant': 'func(when: u64) -> own<wasi:io/poll.pollable@0.2>',
    'subscribe-duration': 'func(when: u64) -> own<wasi:io/poll.pollable@0.2>',
  },
  'wasi:clocks/wall-clock@0.2.12': {
    now: `func() -> ${datetimeType}`,
    resolution: `func() -> ${datetimeType}`,
  },
  'wasi:filesystem/types@0.2.12': {
    '[method]descriptor.read-via-stream': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, offset: u64) -> result<own<wasi:io/streams.input-stream@0.2>, ${errorCodeType2}>`,
    '[method]descriptor.write-via-stream': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, offset: u64) -> result<own<wasi:io/streams.output-stream@0.2>, ${errorCodeType2}>`,
    '[method]descriptor.append-via-stream': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<own<wasi:io/streams.output-stream@0.2>, ${errorCodeType2}>`,
    '[method]descriptor.advise': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, offset: u64, length: u64, advice: ${adviceType}) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.sync-data': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.get-flags': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<${descriptorFlagsType}, ${errorCodeType2}>`,
    '[method]descriptor.get-type': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<${descriptorTypeType}, ${errorCodeType2}>`,
    '[method]descriptor.set-size': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, size: u64) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.set-times': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, data-access-timestamp: ${newTimestampType}, data-modification-timestamp: ${newTimestampType}) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.read': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, length: u64, offset: u64) -> result<tuple<list<u8>, bool>, ${errorCodeType2}>`,
    '[method]descriptor.write': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, buffer: list<u8>, offset: u64) -> result<u64, ${errorCodeType2}>`,
    '[method]descriptor.read-directory': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<own<wasi:filesystem/types.directory-entry-stream@0.2>, ${errorCodeType2}>`,
    '[method]descriptor.sync': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.create-directory-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.stat': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<${descriptorStatType}, ${errorCodeType2}>`,
    '[method]descriptor.stat-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path-flags: ${pathFlagsType}, path: string) -> result<${descriptorStatType}, ${errorCodeType2}>`,
    '[method]descriptor.set-times-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path-flags: ${pathFlagsType}, path: string, data-access-timestamp: ${newTimestampType}, data-modification-timestamp: ${newTimestampType}) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.link-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, old-path-flags: ${pathFlagsType}, old-path: string, new-descriptor: borrow<wasi:filesystem/types.descriptor@0.2>, new-path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.open-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path-flags: ${pathFlagsType}, path: string, open-flags: ${openFlagsType}, flags: ${descriptorFlagsType}) -> result<own<wasi:filesystem/types.descriptor@0.2>, ${errorCodeType2}>`,
    '[method]descriptor.readlink-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path: string) -> result<string, ${errorCodeType2}>`,
    '[method]descriptor.remove-directory-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.rename-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, old-path: string, new-descriptor: borrow<wasi:filesystem/types.descriptor@0.2>, new-path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.symlink-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, old-path: string, new-path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.unlink-file-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path: string) -> result<_, ${errorCodeType2}>`,
    '[method]descriptor.is-same-object': 'func(self: borrow<wasi:filesystem/types.descriptor@0.2>, other: borrow<wasi:filesystem/types.descriptor@0.2>) -> bool',
    '[method]descriptor.metadata-hash': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>) -> result<${metadataHashValueType}, ${errorCodeType2}>`,
    '[method]descriptor.metadata-hash-at': `func(self: borrow<wasi:filesystem/types.descriptor@0.2>, path-flags: ${pathFlagsType}, path: string) -> result<${metadataHashValueType}, ${errorCodeType2}>`,
    '[method]directory-entry-stream.read-directory-entry': `func(self: borrow<wasi:filesystem/types.directory-entry-stream@0.2>) -> result<option<${directoryEntryType}>, ${errorCodeType2}>`,
    'filesystem-error-code': `func(err: borrow<wasi:io/error.error@0.2>) -> option<${errorCodeType2}>`,
  },
  'wasi:filesystem/preopens@0.2.12': {
    'get-directories': 'func() -> list<tuple<own<wasi:filesystem/types.descriptor@0.2>, string>>',
  },
  'wasi:io/error@0.2.12': {
    '[method]error.to-debug-string': 'func(self: borrow<wasi:io/error.error@0.2>) -> string',
  },
  'wasi:io/poll@0.2.12': {
    '[method]pollable.ready': 'func(self: borrow<wasi:io/poll.pollable@0.2>) -> bool',
    '[method]pollable.block': 'func(self: borrow<wasi:io/poll.pollable@0.2>)',
    poll: 'func(in: list<borrow<wasi:io/poll.pollable@0.2>>) -> list<u32>',
  },
  'wasi:io/streams@0.2.12': {
    '[method]input-stream.read': `func(self: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<list<u8>, ${streamErrorType}>`,
    '[method]input-stream.blocking-read': `func(self: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<list<u8>, ${streamErrorType}>`,
    '[method]input-stream.skip': `func(self: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<u64, ${streamErrorType}>`,
    '[method]input-stream.blocking-skip': `func(self: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<u64, ${streamErrorType}>`,
    '[method]input-stream.subscribe': 'func(self: borrow<wasi:io/streams.input-stream@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]output-stream.check-write': `func(self: borrow<wasi:io/streams.output-stream@0.2>) -> result<u64, ${streamErrorType}>`,
    '[method]output-stream.write': `func(self: borrow<wasi:io/streams.output-stream@0.2>, contents: list<u8>) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.blocking-write-and-flush': `func(self: borrow<wasi:io/streams.output-stream@0.2>, contents: list<u8>) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.flush': `func(self: borrow<wasi:io/streams.output-stream@0.2>) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.blocking-flush': `func(self: borrow<wasi:io/streams.output-stream@0.2>) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.subscribe': 'func(self: borrow<wasi:io/streams.output-stream@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]output-stream.write-zeroes': `func(self: borrow<wasi:io/streams.output-stream@0.2>, len: u64) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.blocking-write-zeroes-and-flush': `func(self: borrow<wasi:io/streams.output-stream@0.2>, len: u64) -> result<_, ${streamErrorType}>`,
    '[method]output-stream.splice': `func(self: borrow<wasi:io/streams.output-stream@0.2>, src: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<u64, ${streamErrorType}>`,
    '[method]output-stream.blocking-splice': `func(self: borrow<wasi:io/streams.output-stream@0.2>, src: borrow<wasi:io/streams.input-stream@0.2>, len: u64) -> result<u64, ${streamErrorType}>`,
  },
  'wasi:random/insecure-seed@0.2.12': {
    'insecure-seed': 'func() -> tuple<u64, u64>',
  },
  'wasi:random/insecure@0.2.12': {
    'get-insecure-random-bytes': 'func(len: u64) -> list<u8>',
    'get-insecure-random-u64': 'func() -> u64',
  },
  'wasi:random/random@0.2.12': {
    'get-random-bytes': 'func(len: u64) -> list<u8>',
    'get-random-u64': 'func() -> u64',
  },
  'wasi:sockets/network@0.2.12': {
    'network-error-code': `func(err: borrow<wasi:io/error.error@0.2>) -> option<${errorCodeType}>`,
  },
  'wasi:sockets/instance-network@0.2.12': {
    'instance-network': 'func() -> own<wasi:sockets/network.network@0.2>',
  },
  'wasi:sockets/ip-name-lookup@0.2.12': {
    '[method]resolve-address-stream.resolve-next-address': `func(self: borrow<wasi:sockets/ip-name-lookup.resolve-address-stream@0.2>) -> result<option<${ipSocketAddressType}>, ${errorCodeType}>`,
    '[method]resolve-address-stream.subscribe': 'func(self: borrow<wasi:sockets/ip-name-lookup.resolve-address-stream@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    'resolve-addresses': `func(network: borrow<wasi:sockets/network.network@0.2>, name: string) -> result<own<wasi:sockets/ip-name-lookup.resolve-address-stream@0.2>, ${errorCodeType}>`,
  },
  'wasi:sockets/tcp@0.2.12': {
    '[method]tcp-socket.start-bind': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, network: borrow<wasi:sockets/network.network@0.2>, local-address: ${ipSocketAddressType2}) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.finish-bind': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.start-connect': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, network: borrow<wasi:sockets/network.network@0.2>, remote-address: ${ipSocketAddressType2}) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.finish-connect': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<tuple<own<wasi:io/streams.input-stream@0.2>, own<wasi:io/streams.output-stream@0.2>>, ${errorCodeType}>`,
    '[method]tcp-socket.start-listen': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.finish-listen': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.accept': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<tuple<own<wasi:sockets/tcp.tcp-socket@0.2>, own<wasi:io/streams.input-stream@0.2>, own<wasi:io/streams.output-stream@0.2>>, ${errorCodeType}>`,
    '[method]tcp-socket.local-address': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<${ipSocketAddressType2}, ${errorCodeType}>`,
    '[method]tcp-socket.remote-address': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<${ipSocketAddressType2}, ${errorCodeType}>`,
    '[method]tcp-socket.is-listening': 'func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> bool',
    '[method]tcp-socket.address-family': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> ${ipAddressFamilyType}`,
    '[method]tcp-socket.set-listen-backlog-size': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.keep-alive-enabled': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<bool, ${errorCodeType}>`,
    '[method]tcp-socket.set-keep-alive-enabled': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: bool) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.keep-alive-idle-time': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]tcp-socket.set-keep-alive-idle-time': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.keep-alive-interval': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]tcp-socket.set-keep-alive-interval': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.keep-alive-count': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u32, ${errorCodeType}>`,
    '[method]tcp-socket.set-keep-alive-count': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u32) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.hop-limit': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u8, ${errorCodeType}>`,
    '[method]tcp-socket.set-hop-limit': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u8) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.receive-buffer-size': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]tcp-socket.set-receive-buffer-size': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.send-buffer-size': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]tcp-socket.set-send-buffer-size': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]tcp-socket.subscribe': 'func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]tcp-socket.shutdown': `func(self: borrow<wasi:sockets/tcp.tcp-socket@0.2>, shutdown-type: ${shutdownTypeType}) -> result<_, ${errorCodeType}>`,
  },
  'wasi:sockets/tcp-create-socket@0.2.12': {
    'create-tcp-socket': `func(address-family: ${ipAddressFamilyType}) -> result<own<wasi:sockets/tcp.tcp-socket@0.2>, ${errorCodeType}>`,
  },
  'wasi:sockets/udp@0.2.12': {
    '[method]udp-socket.start-bind': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>, network: borrow<wasi:sockets/network.network@0.2>, local-address: ${ipSocketAddressType2}) -> result<_, ${errorCodeType}>`,
    '[method]udp-socket.finish-bind': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<_, ${errorCodeType}>`,
    '[method]udp-socket.stream': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>, remote-address: option<${ipSocketAddressType2}>) -> result<tuple<own<wasi:sockets/udp.incoming-datagram-stream@0.2>, own<wasi:sockets/udp.outgoing-datagram-stream@0.2>>, ${errorCodeType}>`,
    '[method]udp-socket.local-address': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<${ipSocketAddressType2}, ${errorCodeType}>`,
    '[method]udp-socket.remote-address': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<${ipSocketAddressType2}, ${errorCodeType}>`,
    '[method]udp-socket.address-family': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> ${ipAddressFamilyType}`,
    '[method]udp-socket.unicast-hop-limit': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<u8, ${errorCodeType}>`,
    '[method]udp-socket.set-unicast-hop-limit': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>, value: u8) -> result<_, ${errorCodeType}>`,
    '[method]udp-socket.receive-buffer-size': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]udp-socket.set-receive-buffer-size': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]udp-socket.send-buffer-size': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]udp-socket.set-send-buffer-size': `func(self: borrow<wasi:sockets/udp.udp-socket@0.2>, value: u64) -> result<_, ${errorCodeType}>`,
    '[method]udp-socket.subscribe': 'func(self: borrow<wasi:sockets/udp.udp-socket@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]incoming-datagram-stream.receive': `func(self: borrow<wasi:sockets/udp.incoming-datagram-stream@0.2>, max-results: u64) -> result<list<${outgoingDatagramType}>, ${errorCodeType}>`,
    '[method]incoming-datagram-stream.subscribe': 'func(self: borrow<wasi:sockets/udp.incoming-datagram-stream@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]outgoing-datagram-stream.check-send': `func(self: borrow<wasi:sockets/udp.outgoing-datagram-stream@0.2>) -> result<u64, ${errorCodeType}>`,
    '[method]outgoing-datagram-stream.send': `func(self: borrow<wasi:sockets/udp.outgoing-datagram-stream@0.2>, datagrams: list<${outgoingDatagramType2}>) -> result<u64, ${errorCodeType}>`,
    '[method]outgoing-datagram-stream.subscribe': 'func(self: borrow<wasi:sockets/udp.outgoing-datagram-stream@0.2>) -> own<wasi:io/poll.pollable@0.2>',
  },
  'wasi:sockets/udp-create-socket@0.2.12': {
    'create-udp-socket': `func(address-family: ${ipAddressFamilyType}) -> result<own<wasi:sockets/udp.udp-socket@0.2>, ${errorCodeType}>`,
  },
};
