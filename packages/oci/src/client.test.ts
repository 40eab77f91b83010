import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { type OciClientOptions, ociClient } from './client.js';

test.each<[string, OciClientOptions]>([
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['maxCacheBytes', { maxCacheBytes: -1 }],
  ['maxArtifactBytes', { maxArtifactBytes: 1.5 }],
  ['plainHttp', { plainHttp: ['http://localhost:5000'] }],
  ['tokenRealms', { tokenRealms: ['https://auth.example/token'] }],
  ['ca[1]', { ca: [rootCertificates[0] ?? '', 'not a certificate'] }],
])('a wrong %s is told at once: %j', (name, options) => {
  expect(() => ociClient(options)).toThrow(TypeError);
  expect(() => ociClient(options)).toThrow(name);
});

test('a client that is closed twice is closed', async () => {
  const client = ociClient({ dockerConfig: false });
  await client.close();
  await client.close();
  await expect(client.resolve('localhost:1/a')).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
});
