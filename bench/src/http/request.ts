import { Connection } from './connection.ts';

/** Sends one request on a connection of its own and answers with the status. */
export async function request(port: number, timeoutMs: number): Promise<number> {
  const connection = new Connection(port);
  const timer = setTimeout(() => connection.close(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await connection.ask();
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
