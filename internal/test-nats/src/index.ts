export { type Certificates, makeCertificates } from './certificates.js';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.js';
export { type OperatorMode, type OperatorModeOptions, operatorMode } from './operator.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
