import { fixture } from '@lodge-internal/fixtures';
import type { Bench, StartedComponent, StartOptions } from './suite.js';

/** Functions of `lodge:fixture/host` that the fixture `calls` imports; a test replaces those it is about. */
export type CallsHost = Record<string, (...args: never[]) => unknown>;

export const callsHost: Readonly<CallsHost> = {
  addOne: (x: number) => x + 1,
  check: (x: number) => x,
  checkCode: () => undefined,
  wait: async (x: number) => x,
  waitCheck: async (x: number) => x,
  note: () => undefined,
};

/** The imports of `calls` that may answer with a promise. */
export const waitingCalls: readonly string[] = ['lodge:fixture/host#wait', 'lodge:fixture/host#wait-check'];

/** Starts the fixture `calls`. */
export async function startCalls(
  { start }: Bench,
  host: CallsHost = {},
  options: StartOptions = {},
): Promise<StartedComponent & { readonly guest: ReturnType<StartedComponent['exported']> }> {
  const imports = { 'lodge:fixture/host': { ...callsHost, ...host }, 'world-level': (x: number) => x + 1 };
  const started = await start(await fixture('calls'), { suspending: waitingCalls, imports, ...options });
  return { ...started, guest: started.exported('lodge:fixture/guest') };
}
