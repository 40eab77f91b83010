export { findProgram } from './find-program.js';
export { type RunningProgram, type StartProgramOptions, startProgram } from './start-program.js';
