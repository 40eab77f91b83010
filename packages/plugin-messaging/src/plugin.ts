import {
  type ComponentBinding,
  type ComponentInfo,
  type HookOptions,
  HostError,
  type HostPlugin,
  type InstanceScope,
  type InterfaceRequest,
  type Logger,
  type PluginContext,
  type PluginWorld,
  type ResolvedWorkload,
  silentLogger,
  startBackends,
  stopBackends,
  type WorkloadInfo,
} from '@lodge/core';
import { quietLogger } from '@lodge-internal/rate-limit';
import { importTracing } from '@lodge-internal/tracing';
import { Admission } from './admission.js';
import type { MessagingBackend } from './backend.js';
import { Channels } from './channels.js';
import { parseSubjects } from './config/handler-config.js';
import { signatures } from './generated/signatures.js';
import { inMemoryMessaging } from './in-memory/backend.js';
import { Intake } from './intake.js';
import { PublishPolicy } from './publish-policy.js';
import { ShedCounter } from './shed-counter.js';
import { consumer } from './wit/consumer.js';

const typesId = 'wasmcloud:messaging/types@0.2.0';
const consumerId = 'wasmcloud:messaging/consumer@0.2.0';
const handlerId = 'wasmcloud:messaging/handler@0.2.0';

const world: PluginWorld = {
  provides: [
    // A record type: it grants nothing.
    { id: typesId, suspends: [], functions: signatures[typesId], isAmbient: true },
    { id: consumerId, suspends: ['request', 'publish'], functions: signatures[consumerId] },
  ],
  calls: [{ id: handlerId, functions: signatures[handlerId] }],
};

/** Options of {@link messagingPlugin}. */
export interface MessagingPluginOptions {
  /** Brokers. The first serves entries that name no `backend`. @default `[inMemoryMessaging()]` */
  readonly backends?: readonly MessagingBackend[];
  /** Messages that all components of the host handle at a time. @default 128 */
  readonly maxInFlight?: number;
  /** Messages that one component handles at a time, over all its replicas on the host. @default a quarter of `maxInFlight` */
  readonly maxInFlightPerComponent?: number;
  /** Milliseconds that a handler has for one message. @default 600_000 */
  readonly deliverTimeoutMs?: number;
}

/** The plugin that {@link messagingPlugin} makes. */
export interface MessagingPlugin extends HostPlugin<MessagingWorkload> {
  /** Messages that are being handled. */
  readonly inFlight: number;
  /** Messages that were dropped because no handler had time for them. */
  readonly shed: number;
}

/** What the plugin knows of one workload. */
export interface MessagingWorkload {
  readonly channels: Channels;
  readonly intake: Intake;
  /** For what the workload brings about. */
  readonly logger: Logger;
}

const noTypes = Object.freeze({});

/**
 * `wasmcloud:messaging@0.2.0`: components publish and request through `consumer` and get messages through the `handler` that they export.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for bounds that are none, and when two backends have one name or there is none
 */
export function messagingPlugin(options: MessagingPluginOptions = {}): MessagingPlugin {
  const { backends = [inMemoryMessaging()], maxInFlight = 128, deliverTimeoutMs = 600_000 } = options;
  const maxInFlightPerComponent = options.maxInFlightPerComponent ?? Math.max(1, Math.floor(maxInFlight / 4));
  checkOptions({ backends, maxInFlight, maxInFlightPerComponent, deliverTimeoutMs });
  const admission = new Admission(maxInFlight);
  const sheds = new ShedCounter(silentLogger);
  let logger: Logger = silentLogger;

  return {
    specVersion: 1,
    id: 'wasmcloud-messaging',
    world,
    get inFlight() {
      return admission.running;
    },
    get shed() {
      return sheds.total;
    },
    async start(context: PluginContext, hook: HookOptions): Promise<void> {
      logger = context.logger;
      sheds.logger = logger;
      await startBackends(backends, context, hook);
    },
    async onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[], hook: HookOptions) {
      const channels = new Channels();
      const quiet = quietLogger(logger);
      const intake = new Intake({
        admission,
        maxInFlight: maxInFlightPerComponent,
        deliverTimeoutMs,
        sheds,
        logger: quiet,
      });
      try {
        for (const request of requests) {
          if (isTypes(request)) continue;
          await channels.open(workload, request, backends, hook);
          if (request.direction === 'export') intake.plan(request);
        }
        hook.signal.throwIfAborted();
      } catch (error) {
        await channels.close(hook);
        throw error;
      }
      return { channels, intake, logger: quiet };
    },
    async bindComponent(
      component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { channels, logger: quiet }: MessagingWorkload,
    ): Promise<ComponentBinding> {
      const imports = requests.filter(({ direction }) => direction === 'import');
      const handler = requests.find(({ direction }) => direction === 'export');
      const subscriptions = (handler && parseSubjects(component, handler, 'subscriptions')) ?? [];
      const makers = imports.map((request) => [request.externName, consumerMaker(request)] as const);
      const typesOnly = Object.freeze(Object.fromEntries(makers.map(([name]) => [name, noTypes])));

      function consumerMaker(request: InterfaceRequest): ((scope: InstanceScope) => unknown) | undefined {
        if (isTypes(request)) return undefined;
        const { session, grants } = channels.of(request);
        const allowed = parseSubjects(component, request, 'allowed_publish');
        const policy = new PublishPolicy({ allowed, subscriptions, grants });
        return (scope) => consumer({ session, policy, logger: quiet }, scope);
      }

      if (imports.every(isTypes)) return { importsFor: () => typesOnly };
      const trace = importTracing({ prefix: 'wasmcloud.messaging', component });
      return {
        importsFor(scope) {
          const functions: Record<string, unknown> = {};
          for (const [name, make] of makers) functions[name] = make?.(scope) ?? noTypes;
          return trace(Object.freeze(functions));
        },
      };
    },
    async onWorkloadResolved(workload: ResolvedWorkload, { channels, intake }: MessagingWorkload, { signal }) {
      const handlers = workload.exports(handlerId, 'handle-message');
      await intake.subscribe(workload, handlers, (request) => channels.of(request), signal);
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, { channels, intake }: MessagingWorkload, hook: HookOptions) {
      intake.stop();
      await channels.close(hook);
    },
    async stop(hook: HookOptions): Promise<void> {
      await stopBackends(backends, hook);
    },
  };
}

function isTypes({ id }: InterfaceRequest): boolean {
  return id === 'wasmcloud:messaging/types@0.2.0';
}

function checkOptions({ backends, ...numbers }: Required<MessagingPluginOptions>): void {
  const names = backends.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size < names.length) {
    throw optionError('backends', `must name each backend once, not [${names.join(', ')}]`);
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 1) throw optionError(name, 'must be a positive whole number');
  }
}

function optionError(path: string, problem: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', `messagingPlugin: ${path} ${problem}.`, { details: { path } });
}
