import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

/** A server whose accounts are signed by an operator, and the credentials of one user of it. */
export interface OperatorMode {
  /** For the server's configuration. */
  readonly config: string;
  /** What stands in a `.creds` file. */
  readonly credentials: string;
  /** Such a file of a user whom the server does not know. */
  readonly foreignCredentials: string;
}

/** What a user may publish to, as the token says. */
export interface OperatorModeOptions {
  /** Subjects that the user may not publish to. @default none */
  readonly denied?: readonly string[];
}

/** Makes an operator, its account with JetStream and a user, all in memory. */
export function operatorMode({ denied = [] }: OperatorModeOptions = {}): OperatorMode {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const system = nkeys.createAccount();
  const accounts = [
    `${account.getPublicKey()}: ${token(operator, account, { type: 'account', limits: { ...limits, ...stores } })}`,
    `${system.getPublicKey()}: ${token(operator, system, { type: 'account', limits })}`,
  ];
  const server = [
    `operator: ${token(operator, operator, { type: 'operator' })}`,
    'resolver: MEMORY',
    `system_account: ${system.getPublicKey()}`,
    `resolver_preload: { ${accounts.join(', ')} }`,
  ];
  const permissions = { pub: { deny: denied }, sub: {} };
  return {
    config: server.join('\n'),
    credentials: userFile(account, permissions),
    foreignCredentials: userFile(nkeys.createAccount(), permissions),
  };
}

const limits = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true };
/** JetStream, which a system account must not have. */
const stores = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

function userFile(account: nkeys.KeyPair, permissions: object): string {
  const user = nkeys.createUser();
  const jwt = token(account, user, { type: 'user', subs: -1, data: -1, payload: -1, ...permissions });
  const seed = new TextDecoder().decode(user.getSeed());
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

function token(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, nats: object): string {
  const key = subject.getPublicKey();
  const claims = { iss: issuer.getPublicKey(), sub: key, name: key, iat: Math.floor(Date.now() / 1_000) };
  const body = { ...claims, jti: createHash('sha256').update(key).digest('hex'), nats: { ...nats, version: 2 } };
  const unsigned = [{ typ: 'JWT', alg: 'ed25519-nkey' }, body].map(encode).join('.');
  const signature = Buffer.from(issuer.sign(new TextEncoder().encode(unsigned)));
  return `${unsigned}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
