import type { ComponentInfo, ExportHandle, WorkloadInfo } from '@lodge/core';

/** What a router is told of a workload before any of its components is compiled. */
export interface RouteRequest {
  readonly workload: WorkloadInfo;
  /** The `config` of the workload's `wasi:http` entry. */
  readonly config: Readonly<Record<string, string>>;
  /** What will answer. */
  readonly component: ComponentInfo;
}

/** Why a request has no workload, as the status that says so: no usable host, nobody there, not now. */
export type RouteFailure = 400 | 404 | 503;

/** Chooses the workload for a request. A router belongs to one plugin. */
export interface HttpRouter {
  /** For logs. */
  readonly name: string;
  /**
   * The names under which a workload wants to be reached. Called when it is bound; changes nothing.
   *
   * @throws HostError `ERR_CONFIG_INVALID` when its configuration does not say so.
   */
  hostsOf(request: RouteRequest): readonly string[];
  /** The workload can be called from now on. Called once per workload. */
  add(workload: WorkloadInfo, hosts: readonly string[], handler: ExportHandle): void;
  /** The workload gets no more requests. Idempotent, also for one that was never added. */
  remove(workload: WorkloadInfo): void;
  /** The handler for a request. Called for each; never waits. @param authority `Host` or `:authority` as the client sent it. */
  route(authority: string | undefined): ExportHandle | RouteFailure;
}
