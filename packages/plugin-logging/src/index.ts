export type { LoggingBackend, LoggingBackendSupport, LogSink } from './backend.js';
export { type HostLoggingOptions, hostLogging } from './host-logger/backend.js';
export { defaultLoggingLimits, type LoggingLimits } from './limits.js';
export { type Level, type LogRecord, type LogWorkload, levels } from './log-record.js';
export { type LogEntry, type LoggingPluginOptions, type LoggingWorkload, loggingPlugin } from './plugin.js';
