import { describe, test } from 'node:test';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { geoPlugin } from '../src/plugin.ts';

const pole = { latitude: 90, longitude: 0 };
const equator = { latitude: 0, longitude: 0 };

testHostPlugin(
  { describe, test },
  {
    create: () => geoPlugin({ pole, equator }),
    // What the WIT says, for the suite to hold against what the code has.
    interfaces: [{ id: 'acme:geo/places@0.1.0', functions: ['locate', 'distance'] }],
    // Two workloads that see different things, and two that are refused.
    workloads: [{ config: { unit: 'km' } }, { config: { unit: 'miles' } }],
    refused: [{ config: { unit: 'parsec' } }, { config: { units: 'km' } }],
    held: (plugin) => plugin.visitors,
    // What a guest does, and what it sees.
    observe(guest) {
      const { locate, distance } = guest.imports('acme:geo/places');
      return Math.round(distance?.(locate?.('pole'), locate?.('equator')));
    },
  },
);
