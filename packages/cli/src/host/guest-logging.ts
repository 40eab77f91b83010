import type { HostPlugin } from '@lodge/core';
import { hostLogging, type LoggingBackend, loggingPlugin } from '@lodge/plugin-logging';
import { inMemoryLogging } from '@lodge/plugin-logging/in-memory';
import type { CapabilityOptions } from './capabilities.js';

/** `wasi:logging` for people who watch: records are seen here, and with a NATS server they go there as well. */
export async function guestLogging({ nats, guestLogger }: CapabilityOptions): Promise<HostPlugin> {
  const seen = hostLogging();
  const host: LoggingBackend = {
    ...seen,
    start: async (context, hook) => seen.start?.({ ...context, logger: guestLogger }, hook),
  };
  const others = [inMemoryLogging()];
  if (nats === undefined) return loggingPlugin({ backends: [host, ...others] });
  const { natsLogging } = await import('@lodge/plugin-logging/nats');
  return loggingPlugin({ backends: [both(natsLogging(nats), host), host, ...others] });
}

/** Gives each record to two backends, and has the name of the first. `second` is started by whoever lists it by itself. */
function both(first: LoggingBackend, second: LoggingBackend): LoggingBackend {
  return {
    name: first.name,
    supports: first.supports,
    start: async (context, hook) => first.start?.(context, hook),
    async open(workload, hook) {
      const sinks = [await first.open(workload, hook), await second.open(workload, hook)] as const;
      return {
        get dropped() {
          return sinks[0].dropped;
        },
        write(record) {
          for (const sink of sinks) sink.write(record);
        },
        async close(options) {
          await Promise.all(sinks.map((sink) => sink.close(options)));
        },
      };
    },
    stop: async (hook) => first.stop?.(hook),
  };
}
