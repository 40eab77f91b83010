import { expect, test } from 'vitest';
import { createReporter, type OutputFormat } from './reporter.js';

function recording(format: OutputFormat, isTerminal: boolean) {
  const written: string[] = [];
  const streams = { out: (text: string) => written.push(text), err: (text: string) => written.push(text), isTerminal };
  return { written, reporter: createReporter({ format, isVerbose: false }, streams) };
}

test('on a terminal the status is one line, which is gone before anything else is written', () => {
  const { written, reporter } = recording('text', true);
  reporter.status('pulling: 10%');
  reporter.status('pulling: 20%');
  reporter.result('pulled', {});
  reporter.result('again', {});
  expect(written).toEqual(['\r\u001b[Kpulling: 10%', '\r\u001b[Kpulling: 20%', '\r\u001b[K', 'pulled\n', 'again\n']);
});

test.each<[OutputFormat, boolean]>([
  ['text', false],
  ['json', true],
])('%s on a terminal: %s, no status is written where nobody could overwrite it', (format, isTerminal) => {
  const { written, reporter } = recording(format, isTerminal);
  reporter.status('pulling: 10%');
  expect(written).toEqual([]);
});
