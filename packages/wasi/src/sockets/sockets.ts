import { type DeniedResource, denied, deniedResource } from '../denied.js';

const tcpSocketMethods = [
  'startBind',
  'finishBind',
  'startConnect',
  'finishConnect',
  'startListen',
  'finishListen',
  'accept',
  'localAddress',
  'remoteAddress',
  'isListening',
  'addressFamily',
  'setListenBacklogSize',
  'keepAliveEnabled',
  'setKeepAliveEnabled',
  'keepAliveIdleTime',
  'setKeepAliveIdleTime',
  'keepAliveInterval',
  'setKeepAliveInterval',
  'keepAliveCount',
  'setKeepAliveCount',
  'hopLimit',
  'setHopLimit',
  'receiveBufferSize',
  'setReceiveBufferSize',
  'sendBufferSize',
  'setSendBufferSize',
  'subscribe',
  'shutdown',
] as const;

const udpSocketMethods = [
  'startBind',
  'finishBind',
  'stream',
  'localAddress',
  'remoteAddress',
  'addressFamily',
  'unicastHopLimit',
  'setUnicastHopLimit',
  'receiveBufferSize',
  'setReceiveBufferSize',
  'sendBufferSize',
  'setSendBufferSize',
  'subscribe',
] as const;

/** `wasi:sockets/network`, `resource network`: the right to use the network, which by itself is none. */
export class Network {
  [Symbol.dispose](): void {}
}

/** The members of all interfaces of `wasi:sockets`, denying. */
export interface Sockets {
  readonly Network: typeof Network;
  /** `network-error-code: func(err: borrow<error>) -> option<error-code>` */
  networkErrorCode(): undefined;
  /** `instance-network: func() -> network` */
  instanceNetwork(): Network;
  readonly TcpSocket: DeniedResource<(typeof tcpSocketMethods)[number]>;
  /** `create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>` */
  createTcpSocket(): never;
  readonly UdpSocket: DeniedResource<(typeof udpSocketMethods)[number]>;
  readonly IncomingDatagramStream: DeniedResource<'receive' | 'subscribe'>;
  readonly OutgoingDatagramStream: DeniedResource<'checkSend' | 'send' | 'subscribe'>;
  /** `create-udp-socket: func(address-family: ip-address-family) -> result<udp-socket, error-code>` */
  createUdpSocket(): never;
  readonly ResolveAddressStream: DeniedResource<'resolveNextAddress' | 'subscribe'>;
  /** `resolve-addresses: func(network: borrow<network>, name: string) -> result<resolve-address-stream, error-code>` */
  resolveAddresses(): never;
}

/** `wasi:sockets`, denying: no socket is created (`access-denied`), no name resolved (`permanent-resolver-failure`). */
export function sockets(): Sockets {
  const deniedCode = 'access-denied';
  return {
    Network,
    networkErrorCode: () => undefined,
    instanceNetwork: () => new Network(),
    TcpSocket: deniedResource(tcpSocketMethods, deniedCode),
    createTcpSocket: denied(deniedCode),
    UdpSocket: deniedResource(udpSocketMethods, deniedCode),
    IncomingDatagramStream: deniedResource(['receive', 'subscribe'], deniedCode),
    OutgoingDatagramStream: deniedResource(['checkSend', 'send', 'subscribe'], deniedCode),
    createUdpSocket: denied(deniedCode),
    ResolveAddressStream: deniedResource(['resolveNextAddress', 'subscribe'], deniedCode),
    resolveAddresses: denied('permanent-resolver-failure'),
  };
}
