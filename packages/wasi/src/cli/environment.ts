import type { ComponentInfo } from '@lodge/core';

/** `wasi:cli/environment` */
export interface Environment {
  /** `get-environment: func() -> list<tuple<string, string>>` */
  getEnvironment(): [string, string][];
  /** `get-arguments: func() -> list<string>` */
  getArguments(): string[];
  /** `initial-cwd: func() -> option<string>` */
  initialCwd(): string | undefined;
}

/** What the workload's spec grants the component, and nothing of the host's own environment. */
export function environment(component: ComponentInfo): Environment {
  const variables = Object.entries(component.localResources.environment);
  const args = [...component.localResources.arguments];
  return {
    getEnvironment: () => variables,
    getArguments: () => args,
    initialCwd: () => undefined,
  };
}
