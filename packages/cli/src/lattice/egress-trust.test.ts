import { rootCertificates } from 'node:tls';
import { makeCertificates } from '@lodge-internal/test-nats';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { parseCommandLine } from '../command-line.js';
import { commands } from '../commands.js';
import { readEgressTrust } from './egress-trust.js';

afterEach(() => {
  delete process.env['WASH_HTTP_CLIENT_CA_PATHS'];
});

const optionsOf = (...args: string[]) => parseCommandLine(['host', ...args], commands).invocation.options;

test('unless somebody says otherwise, Node.js decides what is trusted', async () => {
  expect(await readEgressTrust(optionsOf())).toEqual({});
});

test('authorities of files are trusted besides the usual ones, named by options or a variable', async () => {
  await using folder = await temporaryFolder();
  const { caFile, certFile } = await makeCertificates(folder.path);
  const { ca: named = '' } = await readEgressTrust(
    optionsOf('--http-client-ca-path', caFile, '--http-client-ca-path', certFile),
  );
  expect(named.match(/BEGIN CERTIFICATE/g)).toHaveLength(rootCertificates.length + 2);
  process.env['WASH_HTTP_CLIENT_CA_PATHS'] = `${caFile},${certFile}`;
  expect((await readEgressTrust(optionsOf())).ca).toBe(named);
});

test('the roots of the system can stand in for those of Node.js', async () => {
  const both = await readEgressTrust(optionsOf('--http-client-trust-roots', 'webpki-and-native'));
  const native = await readEgressTrust(optionsOf('--http-client-trust-roots', 'native'));
  expect(both.ca).toContain(rootCertificates[0]);
  expect((both.ca ?? '').endsWith(native.ca ?? 'x')).toBe(true);
});

test('a file that holds no certificate is refused', async () => {
  await using folder = await temporaryFolder({ 'ca.pem': 'nothing' });
  await expect(readEgressTrust(optionsOf('--http-client-ca-path', `${folder.path}/ca.pem`))).rejects.toThrow(
    /ca\.pem holds no certificate in PEM/,
  );
});
