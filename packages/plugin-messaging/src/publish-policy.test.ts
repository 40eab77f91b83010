import { expect, test } from 'vitest';
import { PublishPolicy } from './publish-policy.js';
import { ReplyGrants } from './reply-grants.js';

function policy(allowed: readonly string[] | undefined, subscriptions: readonly string[] = []): PublishPolicy {
  const grants = new ReplyGrants();
  grants.add('_INBOX.given');
  return new PublishPolicy({ allowed, subscriptions, grants });
}

const reserved = [
  'lodge.logs.shop.cart',
  '$SYS.REQ.x',
  '$JS.API.INFO',
  '$KV.a.b',
  'runtime.host.1.workload.start',
  '_INBOX.other',
];

test.each(reserved)('%s is refused, whatever is allowed', (subject) => {
  for (const allowed of [undefined, ['>'], [subject]]) {
    expect(policy(allowed, ['>']).refuse(subject)).toBe('access to the subject is denied');
    expect(policy(allowed, ['>']).refuseReplyTo(subject)).toBe('access to the reply subject is denied');
  }
});

test('without a list everything else is allowed', () => {
  expect(policy(undefined).refuse('a.b')).toBeUndefined();
  expect(policy(undefined).refuseReplyTo('a.b')).toBeUndefined();
});

test('a list allows what it matches, an empty one nothing', () => {
  expect(policy(['a.*']).refuse('a.b')).toBeUndefined();
  expect(policy(['a.*']).refuse('a.b.c')).toBe('access to the subject is denied');
  expect(policy([]).refuse('a.b')).toBe('access to the subject is denied');
});

test('an inbox that was given is allowed, whatever the list', () => {
  expect(policy([]).refuse('_INBOX.given')).toBeUndefined();
  expect(policy([]).refuseReplyTo('_INBOX.given')).toBeUndefined();
});

test('answers may go where the component listens, and it may not send there itself', () => {
  expect(policy([], ['mine.>']).refuseReplyTo('mine.replies')).toBeUndefined();
  expect(policy([], ['mine.>']).refuseReplyTo('yours')).toBe('access to the reply subject is denied');
  expect(policy([], ['mine.>']).refuse('mine.replies')).toBe('access to the subject is denied');
});

test('what is no subject is refused as such', () => {
  for (const text of ['', 'a b', 'a\r\nb', '>', 'a.*']) {
    expect(policy(undefined).refuse(text)).toBe('the subject is not valid');
    expect(policy(undefined).refuseReplyTo(text)).toBe('the reply subject is not valid');
  }
});

test('an inbox that came twice is given until both messages are handled', () => {
  const grants = new ReplyGrants();
  grants.add('_INBOX.a');
  grants.add('_INBOX.a');
  grants.remove('_INBOX.a');
  expect(grants.has('_INBOX.a')).toBe(true);
  grants.remove('_INBOX.a');
  expect([grants.has('_INBOX.a'), grants.size]).toEqual([false, 0]);
});
