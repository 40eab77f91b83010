import { bridgeName } from '../bridge-name.js';
import type { SourceLocator } from '../debug/source-locator.js';
import { printable } from '../printable.js';

/** At most so many frames go into an error. */
const maxFrames = 20;

/** The guest's functions on the stack of `error`, innermost first, as V8 names them, with their source lines where `locate` knows them. */
export function guestStack(error: unknown, locate?: SourceLocator | undefined): string[] {
  if (!(error instanceof Error)) return [];
  const source = error.cause instanceof Error ? error.cause : error;
  const frames: string[] = [];
  for (const line of (source.stack ?? '').split('\n')) {
    // Names are the guest's: an expression that also matched them could take time quadratic in their length.
    const [, index = '', offset = ''] = /:wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/.exec(line) ?? [];
    const url = line.lastIndexOf('wasm://wasm/');
    if (index === '' || url < 0 || line.startsWith(`wasm://wasm/${bridgeName}-`, url)) continue;
    const name = line
      .slice(0, url)
      .replace(/^\s+at /, '')
      .replace(/ \($/, '');
    const frame = `${printable(name)} wasm-function[${index}] ${offset}`.trim();
    const at = locate?.(Number(index), Number(offset));
    frames.push(at === undefined ? frame : `${frame} (${printable(at.file)}:${at.line}:${at.column})`);
    if (frames.length === maxFrames) break;
  }
  return frames;
}

/** Why V8 ended the guest, in its own words. */
export function describeTrap(error: unknown): string {
  if (error instanceof WebAssembly.RuntimeError) return error.message;
  if (error instanceof RangeError && /call stack/i.test(error.message)) return 'the guest exhausted its stack';
  if (isUncaughtException(error)) return 'the guest threw an exception that it did not catch';
  if (error instanceof Error) return `${error.name} at the boundary: ${printable(error.message)}`;
  return 'an unknown failure';
}

function isUncaughtException(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    Object.prototype.toString.call(error) === '[object WebAssembly.Exception]'
  );
}
