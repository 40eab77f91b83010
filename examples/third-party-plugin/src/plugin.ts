import { type ExportHandle, HostError, type HostPlugin, type InterfaceRequest, WitError } from '@lodge/core';

const placesId = 'acme:geo/places@0.1.0';
const visitorId = 'acme:geo/visitor@0.1.0';

// What the WIT says, with its types written out. A component that imports, or exports, anything else is refused when it starts.
const position = 'record { latitude: f64, longitude: f64 }';
const placesFunctions = {
  locate: `func(name: string) -> result<${position}, variant { unknown-place(string) }>`,
  distance: `func(a: ${position}, b: ${position}) -> f64`,
};
const visitorFunctions = { visit: 'func(start: string, goal: string) -> string' };

/** Degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** What the plugin remembers of one workload: the host carries it from hook to hook. */
export interface GeoWorkload {
  /** Of the earth, in the unit that the workload asked for. */
  readonly radius: number;
}

export interface GeoPlugin extends HostPlugin<GeoWorkload> {
  /** Asks the component of a workload to travel. */
  visit(workloadId: string, start: string, goal: string): Promise<string>;
  /** Workloads that can be asked. */
  readonly visitors: number;
}

/** `acme:geo`: places for guests. An entry in `hostInterfaces` may have `unit`: `km` (the default) or `miles`. */
export function geoPlugin(places: Readonly<Record<string, Position>>): GeoPlugin {
  const known = new Map(Object.entries(places));
  // A table of routes is the one thing that a plugin keeps by workload.
  const visitors = new Map<string, ExportHandle>();
  return {
    specVersion: 1,
    id: 'acme-geo',
    // Neither function waits for anything, so neither is in `suspends`.
    world: {
      provides: [{ id: placesId, suspends: [], functions: placesFunctions }],
      calls: [{ id: visitorId, functions: visitorFunctions }],
    },
    get visitors() {
      return visitors.size;
    },
    async visit(workloadId, start, goal) {
      const visitor = visitors.get(workloadId);
      if (visitor === undefined) throw new HostError('ERR_WORKLOAD_NOT_FOUND', `No workload '${workloadId}' travels.`);
      return visitor.call<string>({ args: () => [start, goal] });
    },
    async onWorkloadBind(_workload, requests) {
      return { radius: radiusIn(requests) };
    },
    async bindComponent(_component, requests, { radius }) {
      const functions = Object.freeze({
        // locate: func(name: string) -> result<position, error>
        locate(name: string): Position {
          const position = known.get(name);
          if (position === undefined) throw new WitError({ tag: 'unknown-place', val: name });
          return position;
        },
        // distance: func(a: position, b: position) -> f64
        distance: (a: Position, b: Position): number => radius * angleBetween(a, b),
      });
      const imported = requests.filter(({ direction }) => direction === 'import');
      const imports = Object.freeze(Object.fromEntries(imported.map(({ externName }) => [externName, functions])));
      return { importsFor: () => imports };
    },
    async onWorkloadResolved(workload) {
      const [visitor] = workload.exports(visitorId, 'visit');
      if (visitor !== undefined) visitors.set(workload.id, visitor);
    },
    async onWorkloadUnbind(workload) {
      visitors.delete(workload.id);
    },
  };
}

function radiusIn(requests: readonly InterfaceRequest[]): number {
  for (const { config } of requests) {
    for (const [key, value] of Object.entries(config)) {
      if (key !== 'unit') throw configError(key, 'is not known; known is unit');
      if (value === 'miles') return 3_959;
      if (value !== 'km') throw configError(key, 'must be km or miles');
    }
  }
  return 6_371;
}

function configError(key: string, problem: string): HostError {
  const path = `hostInterfaces[acme:geo].config.${key}`;
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
}

/** Radians, by the haversine formula. */
function angleBetween(a: Position, b: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const level = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude));
  return 2 * Math.asin(Math.sqrt(half(b.latitude - a.latitude) + level * half(b.longitude - a.longitude)));
}
