import { type ComponentInfo, HostError, type InterfaceRequest } from '@lodge/core';

/** A value of the configuration, and where it stands, for errors. */
export interface Setting {
  readonly value: string;
  readonly path: string;
}

/** The place of an entry's `config` in the spec. */
export function entryPath({ name }: InterfaceRequest): string {
  return name === undefined
    ? 'hostInterfaces[wasmcloud:messaging].config'
    : `hostInterfaces[wasmcloud:messaging, ${name}].config`;
}

/** What is set for a component: in its own `localResources.config` first, then in the entry. */
export function readSetting(component: ComponentInfo, request: InterfaceRequest, key: string): Setting | undefined {
  const own = component.localResources.config[key];
  if (own !== undefined) return { value: own, path: `components[${component.name}].localResources.config.${key}` };
  const value = request.config[key];
  return value === undefined ? undefined : { value, path: `${entryPath(request)}.${key}` };
}

/** The parts of a comma-separated list, without empty ones. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The error for a setting that is wrong. */
export function settingError(path: string, problem: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
}

/** A value as an error quotes it: bounded, on one line. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}
