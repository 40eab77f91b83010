export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
