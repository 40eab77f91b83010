import { HostError } from '@lodge/core';
import type { z } from 'zod';
import { suggestion } from '../suggest.js';

/**
 * Checks what a config file holds.
 *
 * @throws HostError `ERR_CONFIG_INVALID` with the path of each offending key.
 */
export function validate<T>(file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, schema));
  throw new HostError('ERR_CONFIG_INVALID', `${file}: ${problems.map(({ text }) => text).join('; ')}.`, {
    details: { file, paths: problems.map(({ path }) => path) },
  });
}

interface Problem {
  readonly path: string;
  readonly text: string;
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  if (issue.code !== 'unrecognized_keys') {
    const path = formatPath(issue.path);
    return [{ path, text: `${path} is wrong: ${issue.message}` }];
  }
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const path = formatPath([...issue.path, key]);
    return { path, text: `${path} is not a known key${suggestion(key, known)}` };
  });
}

/** The keys of the object that stands at `path` of a schema. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const step of path) current = child(unwrap(current), step);
  return Object.keys(shapeOf(unwrap(current)));
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  while (isRecord(current) && typeof current['unwrap'] === 'function' && !('element' in current)) {
    current = Reflect.apply(current['unwrap'], current, []);
  }
  return current;
}

function child(schema: unknown, step: PropertyKey): unknown {
  if (isRecord(schema) && 'element' in schema) return schema['element'];
  return shapeOf(schema)[String(step)];
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isRecord(schema) && isRecord(schema['shape']) ? schema['shape'] : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** `dev.components[0].name` */
function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step).slice(0, 100)}`,
    )
    .join('');
}
