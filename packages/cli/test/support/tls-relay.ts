import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificates } from '@lodge-internal/test-nats';

/** A NATS server that begins with TLS, and takes whoever has a certificate. */
export interface TlsRelay extends AsyncDisposable {
  readonly port: number;
}

/** Starts a relay in front of a NATS server without TLS on a port of this machine. */
export async function tlsRelay(targetPort: number, files: Certificates): Promise<TlsRelay> {
  const [ca, cert, key] = await Promise.all(
    [files.caFile, files.certFile, files.keyFile].map((file) => readFile(file)),
  );
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.pipe(target);
    // A server that begins with TLS says so in its greeting.
    target.once('data', (greeting) => {
      client.write(String(greeting).replace('INFO {', 'INFO {"tls_required":true,'));
      target.pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
