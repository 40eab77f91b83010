import { percentile } from '../statistics.ts';
import { Connection } from './connection.ts';

// The load generator: keeps some connections busy for a while and says how it went.
const [port, connections, seconds] = process.argv.slice(2).map(Number);
if (port === undefined || connections === undefined || seconds === undefined) {
  throw new TypeError('needs a port, a number of connections and seconds');
}
const start = performance.now();
const end = start + seconds * 1000;
const latencies: number[] = [];
let failures = 0;
await Promise.all(Array.from({ length: connections }, () => keepBusy(new Connection(port))));
const elapsed = (performance.now() - start) / 1000;
const [p50, p99] = latencies.length === 0 ? [] : [percentile(latencies, 50), percentile(latencies, 99)];
const answers = latencies.length;
process.stdout.write(`${JSON.stringify({ perSecond: answers / elapsed, answers, failures, p50, p99 })}\n`);
process.exit();

async function keepBusy(connection: Connection): Promise<void> {
  // A server that no longer answers must not keep the benchmark.
  const timer = setTimeout(() => connection.close(), seconds === undefined ? 0 : seconds * 1000 + 2000);
  try {
    for (let now = start; now < end; ) {
      const status = await connection.ask();
      const answered = performance.now();
      if (status === 200) latencies.push((answered - now) * 1000);
      else failures++;
      now = answered;
    }
  } catch {
    failures++;
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
