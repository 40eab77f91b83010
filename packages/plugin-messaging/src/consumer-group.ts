const prefix = 'wasmcloud';
const maxLength = 128;

/** Who a component is, to all hosts. */
export interface ComponentIdentity {
  readonly namespace: string;
  readonly workload: string;
  readonly component: string;
}

/**
 * The group of a component that names none: equal for its replicas on all hosts, and for those on wasmCloud hosts beside them. At most 128
 * characters; the hash keeps apart what the readable part cannot.
 */
export function defaultConsumerGroup({ namespace, workload, component }: ComponentIdentity): string {
  const suffix = `.${fnv1a64(`${namespace}\0${workload}\0${component}`)}`;
  const readable = [namespace, workload, component]
    .map((part) => part.replaceAll(/[^A-Za-z0-9_-]/gu, '-'))
    .join('.')
    .slice(0, maxLength - prefix.length - 1 - suffix.length);
  return `${prefix}.${readable}${suffix}`;
}

/** 16 hexadecimal digits. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
