export type { StdinFactory, StdoutFactory } from './cli/stdio.js';
export type { TerminalOptions } from './cli/terminal.js';
export type { Clock } from './clocks/clock.js';
export { type WasiOptions, wasi } from './plugin.js';
