export { type QuietLoggerOptions, quietLogger } from './quiet-logger.js';
export { RateLimit } from './rate-limit.js';
