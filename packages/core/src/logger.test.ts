import { afterEach, describe, expect, it, vi } from 'vitest';
import { HostError } from './errors.js';
import { consoleLogger, type LogFields, type LogLevel, withFields } from './logger.js';

afterEach(() => {
  vi.restoreAllMocks();
});

function capture(): string[] {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  return lines;
}

describe('consoleLogger', () => {
  it('writes one line with level, message and fields', () => {
    const lines = capture();
    consoleLogger().log('warn', 'look', { count: 2, error: new Error('bad "thing"') });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d{4}-.*Z warn {2}look count=2 error="bad \\"thing\\""$/);
  });

  it('tells where in the guest a trap was', () => {
    const lines = capture();
    const error = new HostError('ERR_GUEST_TRAPPED', 'Trap.', {
      details: { stack: ['divide wasm-function[0] (t.c:4:12)'] },
    });
    consoleLogger().log('error', 'a call failed', { error });
    expect(lines[0]).toMatch(/ error="Trap\." stack=\["divide wasm-function\[0\] \(t\.c:4:12\)"\]$/);
  });

  it('drops what is less urgent than its level', () => {
    const lines = capture();
    const logger = consoleLogger({ level: 'warn' });
    logger.log('info', 'no');
    logger.log('error', 'yes');
    expect(lines).toHaveLength(1);
  });

  it('lets no control character through to a terminal', () => {
    const lines = capture();
    consoleLogger().log('info', 'a\u001b[2Jb\r\n', { text: '\u001b[31m' });
    const controls = [...(lines[0] ?? '')].filter(
      (character) => character < ' ' || (character >= '\x7f' && character < '\xa0'),
    );
    expect(controls).toEqual([]);
  });

  it('takes fields that JSON cannot hold', () => {
    const lines = capture();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    consoleLogger().log('info', 'a', { circular, big: 1n, nothing: undefined });
    expect(lines).toHaveLength(1);
  });
});

describe('withFields', () => {
  it('adds its fields, and the message has the last word', () => {
    const seen: (LogFields | undefined)[] = [];
    const logger = withFields({ log: (_: LogLevel, __: string, fields) => void seen.push(fields) }, { a: 1, b: 1 });
    logger.log('info', 'x');
    logger.log('info', 'x', { b: 2 });
    expect(seen).toEqual([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ]);
  });
});
