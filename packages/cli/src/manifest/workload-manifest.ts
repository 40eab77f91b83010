import { readFile } from 'node:fs/promises';
import { HostError } from '@lodge/core';
import type { MessageInit, Workload } from '@lodge/scheduler-protocol';
import { type Document, parseAllDocuments } from 'yaml';
import { unreadable } from '../component-file.js';
import { UserError } from '../user-error.js';
import { type Resource, readResource } from './resource.js';
import { toWorkload } from './to-workload.js';

/** One workload that is to run somewhere. */
export interface PlannedWorkload {
  readonly workload: MessageInit<Workload>;
  /** How many of it are to run. */
  readonly replicas: number;
  /** Labels of the hosts that will do. */
  readonly hostSelector: Readonly<Record<string, string>>;
  /** The one host that will do. */
  readonly hostId: string | undefined;
  /** Of the hosts that will do. */
  readonly environment: string | undefined;
}

/** Bytes of a manifest. */
const maxBytes = 1_048_576;

/**
 * Reads a manifest as one would give it to Kubernetes: documents of the kinds `Workload`, `WorkloadReplicaSet` and `WorkloadDeployment`.
 *
 * @throws HostError `ERR_FILE_UNREADABLE`, `ERR_CONFIG_INVALID` with the path of each wrong key; UserError for what needs Kubernetes.
 */
export async function readManifest(file: string): Promise<readonly PlannedWorkload[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (text.length > maxBytes) throw new UserError(`${file} is larger than a manifest may be (1 MiB).`);
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.length === 0) throw new UserError(`${file} is empty.`);
  return documents.map((document, index) => {
    const where = documents.length === 1 ? file : `${file} (document ${index + 1})`;
    return plan(readResource(where, read(where, document)));
  });
}

function read(where: string, document: Document): unknown {
  const [error] = document.errors;
  try {
    if (error !== undefined) throw error;
    // Aliases are bounded: a few lines of YAML can stand for gigabytes.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '').replace(/:$/, '') : String(cause);
    throw new HostError('ERR_CONFIG_INVALID', `${where} is not YAML: ${reason}.`, { cause, details: { file: where } });
  }
}

function plan({ metadata: { name, namespace, annotations }, spec: given }: Resource): PlannedWorkload {
  const isReplicated = 'template' in given;
  const spec = isReplicated ? given.template.spec : given;
  const own = isReplicated ? given.template.metadata?.annotations : annotations;
  return {
    workload: toWorkload({ name, namespace, annotations: own, spec }),
    replicas: isReplicated ? given.replicas : 1,
    hostSelector: spec.hostSelector ?? {},
    hostId: spec.hostId,
    environment: spec.environment,
  };
}
