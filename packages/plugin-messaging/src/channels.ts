import type { HookOptions, InterfaceRequest, WorkloadInfo } from '@lodge/core';
import type { MessagingBackend, MessagingSession } from './backend.js';
import { parseEntryConfig } from './config/entry-config.js';
import { ReplyGrants } from './reply-grants.js';

/** A session, and the inboxes that its messages may be answered to. */
export interface Channel {
  readonly session: MessagingSession;
  readonly grants: ReplyGrants;
}

/** The sessions of one workload: entries with equal settings share one, so that what one receives the other can answer. */
export class Channels {
  readonly #channels = new Map<string, Channel>();
  readonly #byConfig = new Map<InterfaceRequest['config'], Channel>();

  /**
   * Opens what the entry of `request` needs.
   *
   * @throws HostError `ERR_CONFIG_INVALID` with the path of the key
   */
  async open(
    workload: WorkloadInfo,
    request: InterfaceRequest,
    backends: readonly MessagingBackend[],
    hook: HookOptions,
  ): Promise<void> {
    if (this.#byConfig.has(request.config)) return;
    const { backend, settings, path } = parseEntryConfig(request, backends);
    const key = JSON.stringify([backend.name, Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))]);
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = {
        session: await backend.open({ workload, config: settings, path }, hook),
        grants: new ReplyGrants(),
      };
      this.#channels.set(key, channel);
    }
    this.#byConfig.set(request.config, channel);
  }

  /** The channel of an entry that was opened. */
  of({ config, externName }: InterfaceRequest): Channel {
    const channel = this.#byConfig.get(config);
    if (channel === undefined) throw new TypeError(`the entry of ${externName} was never bound`);
    return channel;
  }

  /** Closes every session, over failures. Idempotent. */
  async close(hook: HookOptions): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#channels.values()].map(({ session }) => session.close(hook)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, 'messaging sessions failed to close');
  }
}
