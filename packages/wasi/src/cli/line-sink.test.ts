import { describe, expect, test } from 'vitest';
import { lineSink } from './line-sink.js';

function linesOf(...writes: (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const sink = lineSink((line) => lines.push(line));
  for (const write of writes) sink.write(typeof write === 'string' ? new TextEncoder().encode(write) : write);
  sink.close();
  return lines;
}

describe('lineSink', () => {
  test('passes on whole lines, however they were written', () => {
    expect(linesOf('one\ntw', 'o\r\n', '\nfour\n')).toEqual(['one', 'two', '', 'four']);
  });

  test('passes on the rest of an unfinished line when it is closed', () => {
    expect(linesOf('a prompt> ')).toEqual(['a prompt> ']);
    expect(linesOf('done\n')).toEqual(['done']);
  });

  test('waits for the end of a line', () => {
    const lines: string[] = [];
    const sink = lineSink((line) => lines.push(line));
    sink.write(new TextEncoder().encode('half'));
    sink.flush();
    expect(lines).toEqual([]);
  });

  test('control characters cannot forge a line', () => {
    expect(linesOf('a\rb\u001b[2Kc\u0000\u0085\u2028\u2029\u202e\td\n')).toEqual([
      'a\\u{d}b\\u{1b}[2Kc\\u{0}\\u{85}\\u{2028}\\u{2029}\\u{202e}\td',
    ]);
  });

  test('a line has at most 8,192 characters; the rest goes on in the next', () => {
    expect(linesOf(`${'x'.repeat(20_000)}\n`).map((line) => line.length)).toEqual([8_192, 8_192, 3_616]);
  });

  test('a line without an end is passed on while it is written', () => {
    const lines: string[] = [];
    const sink = lineSink((line) => lines.push(line));
    for (let count = 0; count < 10; count++) sink.write(new Uint8Array(5_000).fill(120));
    expect(lines.map((line) => line.length)).toEqual(new Array(6).fill(8_192));
  });

  test('a character may be split between writes', () => {
    const bytes = new TextEncoder().encode('ü\n');
    expect(linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ü']);
  });

  test('what is not UTF-8 becomes a replacement character', () => {
    expect(linesOf(Uint8Array.of(0xff, 10), Uint8Array.of(0xc3))).toEqual(['\ufffd', '\ufffd']);
  });
});
