import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files in PEM format: an authority, and what it has signed. */
export interface Certificates {
  readonly caFile: string;
  /** For `127.0.0.1` and `localhost`. */
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Makes an authority that nobody else knows, and a certificate of it that serves both ends of a connection on this machine. Good for an hour.
 *
 * @param folder created if need be
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const authority = keyPair();
  const subject = keyPair();
  const files = {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
  };
  await mkdir(folder, { recursive: true });
  const issuer = { name: 'test authority', key: authority.privateKey };
  await writeFile(files.caFile, certificate(issuer, issuer.name, authority.publicKey, [isAuthority]));
  await writeFile(files.certFile, certificate(issuer, '127.0.0.1', subject.publicKey, [localNames]));
  await writeFile(files.keyFile, createPrivateKey(subject.privateKey).export({ type: 'pkcs8', format: 'pem' }));
  return files;
}

interface Issuer {
  readonly name: string;
  readonly key: string;
}

function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

// Node reads certificates and makes none. This is RFC 5280 as far as a test needs it.

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
const explicit = (tag: number, ...parts: Uint8Array[]): Buffer => der(0xa0 + tag, ...parts);
const integer = (...bytes: number[]): Buffer => der(0x02, Uint8Array.from(bytes));
const octets = (content: Uint8Array): Buffer => der(0x04, content);
const yes = der(0x01, Uint8Array.of(0xff));
const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
const isAuthority = sequence(oid(2, 5, 29, 19), yes, octets(sequence(yes)));
const localNames = sequence(
  oid(2, 5, 29, 17),
  octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, Uint8Array.of(127, 0, 0, 1)))),
);

function certificate(issuer: Issuer, subject: string, key: KeyObject, extensions: readonly Uint8Array[]): string {
  const hour = 3_600_000;
  const contents = sequence(
    explicit(0, integer(2)),
    integer(1, ...randomBytes(8)),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(time(Date.now() - hour), time(Date.now() + hour)),
    nameOf(subject),
    key.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', contents, issuer.key);
  const whole = sequence(contents, ecdsaWithSha256, der(0x03, Uint8Array.of(0), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function nameOf(text: string): Buffer {
  return sequence(set(sequence(oid(2, 5, 4, 3), der(0x0c, Buffer.from(text)))));
}

function time(milliseconds: number): Buffer {
  const [text = ''] = new Date(milliseconds).toISOString().replaceAll(/[-:T]/g, '').split('.');
  return der(0x18, Buffer.from(`${text}Z`));
}

function oid(first: number, second: number, ...rest: number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
    bytes.push(...digits);
  }
  return der(0x06, Uint8Array.from(bytes));
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}
