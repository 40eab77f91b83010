import { connectBare } from './connect-bare.ts';

/** The yardstick of whoever answers messages: the client library with a callback that sends them back. */
export async function startEcho(url: string, subject: string): Promise<void> {
  const connection = await connectBare(url);
  connection.subscribe(subject, { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
}
