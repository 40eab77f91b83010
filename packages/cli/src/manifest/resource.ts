import { z } from 'zod';
import { validate } from '../config/validate.js';
import { UserError } from '../user-error.js';
import type { WorkloadSpec } from './workload-spec.js';

/** One document of a manifest. */
export interface Resource {
  readonly metadata: ResourceMetadata;
  readonly spec: WorkloadSpec | ReplicatedSpec;
}

/** What Lodge reads of the `metadata` of a document. */
export interface ResourceMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** The `spec` of a `WorkloadReplicaSet` or a `WorkloadDeployment`. */
export interface ReplicatedSpec {
  readonly replicas: number;
  readonly template: {
    readonly metadata?: Pick<ResourceMetadata, 'annotations'> | undefined;
    readonly spec: WorkloadSpec;
  };
}

const text = z.string().min(1);
const pairs = z.record(z.string(), z.string());
const count = z.int().min(0);

/** What only Kubernetes can resolve. */
function absent(reason: string): z.ZodOptional<z.ZodUndefined> {
  return z.undefined({ error: reason }).optional();
}

const sources = {
  configFrom: absent('there are no ConfigMaps without Kubernetes; write the values into config'),
  secretFrom: absent('there are no Secrets without Kubernetes; write the values into config'),
};

const localResources = z.strictObject({
  volumeMounts: z.array(z.strictObject({ name: text, mountPath: text, readOnly: z.boolean().optional() })).optional(),
  environment: z.strictObject({ config: pairs.optional(), ...sources }).optional(),
  config: pairs.optional(),
  allowedHosts: z.array(text).optional(),
  allowedIpNameLookups: z.array(text).optional(),
  allowedHostLoopbackPorts: z.array(text).optional(),
});

const image = {
  image: text.refine((reference) => !reference.startsWith('artifact://'), {
    error: 'there are no Artifacts without Kubernetes; name the image',
  }),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  imagePullSecret: absent(
    'there are no Secrets without Kubernetes; hosts log in to registries with their docker config',
  ),
  localResources: localResources.optional(),
};

const hostInterface = z.strictObject({
  name: text.optional(),
  namespace: text,
  package: text,
  interfaces: z.array(text).min(1),
  version: text.optional(),
  config: pairs.optional(),
  ...sources,
});

const workloadSpec = z.strictObject({
  hostSelector: pairs.optional(),
  hostId: text.optional(),
  environment: text.optional(),
  components: z
    .array(
      z.strictObject({
        name: text,
        ...image,
        poolSize: count.optional(),
        maxInvocations: count.optional(),
        maxConcurrency: count.optional(),
      }),
    )
    .optional(),
  hostInterfaces: z.array(hostInterface).max(64).optional(),
  service: z.strictObject({ ...image, maxRestarts: count.optional() }).optional(),
  volumes: z
    .array(
      z.strictObject({
        name: text,
        ephemeral: z.strictObject({}).optional(),
        hostPath: z.strictObject({ path: text }).optional(),
      }),
    )
    .optional(),
  // Names a Service, which routes to hosts on Kubernetes; nothing of the workload depends on it.
  kubernetes: z.unknown().optional(),
});

const head = {
  apiVersion: z.literal('runtime.wasmcloud.dev/v1alpha1'),
  metadata: z.looseObject({ name: text, namespace: text.default('default'), annotations: pairs.optional() }),
  status: z.unknown().optional(),
};
const replicated = {
  replicas: z.int().min(1).max(1_000).default(1),
  template: z.strictObject({
    metadata: z.looseObject({ annotations: pairs.optional() }).optional(),
    spec: workloadSpec,
  }),
};

const kinds: ReadonlyMap<unknown, z.ZodType<Resource>> = new Map<unknown, z.ZodType<Resource>>([
  ['Workload', z.strictObject({ ...head, kind: text, spec: workloadSpec })],
  ['WorkloadReplicaSet', z.strictObject({ ...head, kind: text, spec: z.strictObject(replicated) })],
  [
    'WorkloadDeployment',
    z.strictObject({
      ...head,
      kind: text,
      spec: z.strictObject({
        ...replicated,
        // How one version gives way to the next is up to a scheduler.
        deployPolicy: z.unknown().optional(),
        kubernetes: z.unknown().optional(),
        artifacts: absent('there are no Artifacts without Kubernetes; name the images'),
      }),
    }),
  ],
]);

/**
 * Checks one document of a manifest.
 *
 * @throws UserError for another kind; HostError `ERR_CONFIG_INVALID` with the path of each wrong key.
 */
export function readResource(where: string, value: unknown): Resource {
  const kind: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'kind') : undefined;
  const schema = kinds.get(kind);
  if (schema === undefined) {
    throw new UserError(`${where} is no workload: its kind is not one of ${[...kinds.keys()].join(', ')}.`);
  }
  return validate(where, schema, value);
}
