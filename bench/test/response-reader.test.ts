import { describe, expect, test } from 'vitest';
import { ResponseReader } from '../src/http/response-reader.ts';

const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const chunked = 'HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';
const empty = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';

describe('the response reader', () => {
  test.each([
    ['a length', withLength, 200],
    ['chunks', chunked, 503],
    ['no chunk but the last', empty, 200],
  ])('finds the end of an answer with %s', (_, text, status) => {
    expect(new ResponseReader().push(Buffer.from(text))).toBe(status);
  });

  test.each([
    ['a length', withLength, 200],
    ['chunks', chunked, 503],
  ])('waits for the last byte of an answer with %s, however it arrives', (_, text, status) => {
    const reader = new ResponseReader();
    const answers = [...text].map((byte) => reader.push(Buffer.from(byte)));
    expect(answers).toEqual([...Array(text.length - 1).fill(undefined), status]);
  });

  test('reads one answer after another on a connection', () => {
    const reader = new ResponseReader();
    expect([reader.push(Buffer.from(chunked)), reader.push(Buffer.from(withLength))]).toEqual([503, 200]);
  });

  test('refuses an answer whose end it cannot know', () => {
    expect(() => new ResponseReader().push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello'))).toThrow(/without a length/);
  });
});
