import { HostError } from '../errors.js';
import { matchesInterface, type ParsedInterfaceId, parseInterfaceId } from '../interface-id.js';
import type { CalledInterface, HostPlugin, ProvidedInterface } from '../plugin.js';

/** One interface that a plugin provides. */
export interface Provider {
  readonly plugin: HostPlugin;
  readonly provided: ProvidedInterface;
  readonly id: ParsedInterfaceId;
}

/** One interface that a plugin calls. */
export interface Caller {
  readonly plugin: HostPlugin;
  readonly called: CalledInterface;
  readonly id: ParsedInterfaceId;
}

/** What the plugins of a host offer, parsed once. */
export class ProviderIndex {
  readonly pluginIds: ReadonlySet<string>;
  readonly #providers: readonly Provider[];
  readonly #callers: readonly Caller[];

  /** @throws HostError `ERR_CONFIG_INVALID` when a plugin's world names no interface. */
  constructor(plugins: readonly HostPlugin[]) {
    this.pluginIds = new Set(plugins.map(({ id }) => id));
    this.#providers = plugins.flatMap((plugin) =>
      plugin.world.provides.map((provided) => ({ plugin, provided, id: parse(plugin, provided.id) })),
    );
    this.#callers = plugins.flatMap((plugin) =>
      (plugin.world.calls ?? []).map((called) => ({ plugin, called, id: parse(plugin, called.id) })),
    );
  }

  /** Who could serve `wanted`, in order of registration. */
  providersOf(wanted: ParsedInterfaceId): readonly Provider[] {
    return this.#providers.filter(({ id }) => matchesInterface(wanted, id));
  }

  /** Who provides an interface of this name in whatever version: for error messages. */
  providersInAnyVersion(wanted: ParsedInterfaceId): readonly Provider[] {
    return this.providersOf({ ...wanted, version: undefined });
  }

  /** Who calls an exported interface, in order of registration. */
  callersOf(offered: ParsedInterfaceId): readonly Caller[] {
    return this.#callers.filter(({ id }) => matchesInterface(offered, id));
  }
}

function parse(plugin: HostPlugin, text: string): ParsedInterfaceId {
  const id = parseInterfaceId(text);
  if (id?.interfaces.length === 1) return id;
  throw new HostError(
    'ERR_CONFIG_INVALID',
    `plugin '${plugin.id}' names '${text}' in its world, which is no interface id`,
  );
}
