export { type ImportTracingOptions, importTracing } from './import-tracing.js';
