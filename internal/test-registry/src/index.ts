export { registryCertificate } from './certificate.js';
export { type Registry, type RegistryOptions, registryUser, startRegistry } from './registry.js';
export { startTokenServer, type TokenRequest, type TokenServer, type TokenServerOptions } from './token-server.js';
