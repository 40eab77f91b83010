import { describe, expect, it } from 'vitest';
import { guestStack } from './guest-stack.js';

function withStack(...lines: readonly string[]): Error {
  return Object.assign(new Error('unreachable'), {
    stack: ['RuntimeError: unreachable', ...lines.map((line) => `    at ${line}`)].join('\n'),
  });
}

describe('The stack of a guest', () => {
  it('names its functions, and nothing else', () => {
    const error = withStack(
      'core::panic (wasm://wasm/app.wasm-49184f36:wasm-function[2]:0x49)',
      'lodge-bridge (wasm://wasm/lodge-bridge-c5e0c746:wasm-function[5]:0x73)',
      't1 (eval at evaluate (file:///engine.js:1:1), <anonymous>:23:16)',
      'wasm://wasm/d7de917a:wasm-function[7]:0x88',
    );
    expect(guestStack(error)).toEqual(['core::panic wasm-function[2] 0x49', 'wasm-function[7] 0x88']);
  });

  it('is read in time in proportion to its length, whatever the functions are called', () => {
    const name = ' (wasm://wasm/:wasm-function[1'.repeat(20_000);
    const start = performance.now();
    expect(guestStack(withStack(`${name}\n`, 'last (wasm://wasm/1:wasm-function[1]:0x1)'))).toEqual([
      'last wasm-function[1] 0x1',
    ]);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
