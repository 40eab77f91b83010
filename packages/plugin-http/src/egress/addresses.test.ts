import { expect, test } from 'vitest';
import { AddressGuard } from './addresses.js';

const guard = new AddressGuard();

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '::127.0.0.1',
  'fe80::1',
  'ff02::1',
  'fd00:ec2::254',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  'no address',
])('%s is not for guests', (address) => {
  expect(guard.mayReach(address, false)).toBe(false);
});

test.each([
  '93.184.216.34',
  '10.0.0.1',
  '192.168.1.1',
  '2606:2800:220:1::1',
  '64:ff9b::5db8:d822',
  '::ffff:93.184.216.34',
])('%s may be reached', (address) => {
  expect(guard.mayReach(address, false)).toBe(true);
});

test('a name that resolves to this machine is refused unless it may be', async () => {
  const resolve = (allowsLoopback: boolean): Promise<unknown> =>
    new Promise((done) => {
      guard.lookup(allowsLoopback)('localhost', { all: true }, (error, addresses) => done(error ?? addresses));
    });
  expect(await resolve(false)).toMatchObject({ code: 'LODGE_ADDRESS_PROHIBITED' });
  expect(await resolve(true)).toContainEqual(expect.objectContaining({ family: expect.any(Number) }));
});
