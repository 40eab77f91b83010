import { expect, it } from 'vitest';
import { createHost, type ExportHandle, type HostPlugin, WitError } from '../src/index.js';
import { bytesOf, interfaceOf, MemoryEngine, type Program, shapeOf } from '../src/testing/memory-engine.js';

const logId = 'acme:audit/log@0.1.0';
const priceId = 'shop:catalog/price@1.0.0';
const cartId = 'shop:checkout/cart@1.2.0';

/** Prices are looked up by a component of its own, which writes to the audit log. */
const catalog: Program = {
  shape: shapeOf({ imports: [interfaceOf(logId, ['write'])], exports: [interfaceOf(priceId, ['of'])] }),
  create: (imports) => {
    const log = imports[logId] as { write(text: string): void };
    return {
      [priceId]: {
        of: (item: string): number => {
          log.write(`price of ${item}`);
          if (item === 'unicorn') throw new WitError('not-sold');
          return item.length;
        },
      },
    };
  },
};

/** The cart asks the catalog, built against an older patch of its interface, and waits a little. */
const checkout: Program = {
  shape: shapeOf({
    imports: [interfaceOf(priceId, ['of']), interfaceOf(logId, ['write'])],
    exports: [interfaceOf(cartId, ['total-price'])],
  }),
  create: (imports) => {
    const price = imports[priceId] as { of(item: string): number };
    const log = imports[logId] as { write(text: string): void };
    return {
      [cartId]: {
        totalPrice: async (items: readonly string[]): Promise<number> => {
          await new Promise((resolve) => setImmediate(resolve));
          log.write('totalling');
          return items.reduce((sum, item) => sum + price.of(item), 0);
        },
      },
    };
  },
};

/** A capability with per-workload state: lines are kept under the namespace, and tell which component wrote them. */
function auditPlugin(lines: string[]): HostPlugin<{ readonly prefix: string }> {
  return {
    specVersion: 1,
    id: 'audit',
    world: { provides: [{ id: logId, suspends: [] }] },
    onWorkloadBind: async (workload, requests) => ({ prefix: `${workload.namespace}/${requests[0]?.config.level}` }),
    bindComponent: async (component, requests, { prefix }) => {
      const write = (text: string): void => void lines.push(`${prefix} ${component.name}: ${text}`);
      const imports = Object.freeze(
        Object.fromEntries(requests.map(({ externName }) => [externName, Object.freeze({ write })])),
      );
      return { importsFor: () => imports };
    },
    onWorkloadUnbind: async () => void lines.push('unbound'),
  };
}

/** A trigger: what a server does with requests, without the server. */
function shopPlugin(handles: ExportHandle[]): HostPlugin<undefined> {
  return {
    specVersion: 1,
    id: 'shop',
    world: { provides: [], calls: [{ id: 'shop:checkout/cart@1.0.0' }] },
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => ({}) }),
    onWorkloadResolved: async (workload) =>
      void handles.push(...workload.exports('shop:checkout/cart@1.0.0', 'total-price')),
    onWorkloadUnbind: async () => void handles.splice(0),
  };
}

it('a host runs a workload of two components from its spec to its end', async () => {
  const lines: string[] = [];
  const handles: ExportHandle[] = [];
  const engine = new MemoryEngine({ catalog, checkout });
  const host = createHost({
    engine,
    plugins: [auditPlugin(lines), shopPlugin(handles)],
    loader: async ({ image }) => bytesOf(image),
  });
  await host.start();

  // Without a grant nothing is given: the error says what to write where.
  const components = ['checkout', 'catalog'].map((name) => ({ name, source: { image: name }, poolSize: 1 }));
  const cartEntry = { namespace: 'shop', package: 'checkout', interfaces: ['cart'] };
  const spec = { namespace: 'shop', name: 'shop', components, hostInterfaces: [cartEntry] };
  const refused = await host.workloadStart({ workloadId: 'shop-1', workload: spec });
  expect(refused).toMatchObject({ state: 'error', error: { code: 'ERR_IMPORT_UNMET' } });
  expect(refused.message).toContain('hostInterfaces for acme:audit with log');
  expect((await host.workloadStop('shop-1')).state).toBe('stopping');

  // With one it runs, and the catalog is linked into the cart's instance graph.
  const auditEntry = { namespace: 'acme', package: 'audit', interfaces: ['log'], config: { level: 'info' } };
  const workload = { ...spec, hostInterfaces: [cartEntry, auditEntry] };
  expect(await host.workloadStart({ workloadId: 'shop-1', workload })).toMatchObject({ state: 'running' });
  expect(engine.compiled.map(({ name }) => name)).toEqual(['checkout']);

  // A call goes through both; each keeps its own identity.
  const [total] = handles;
  expect(await total?.call({ args: () => [['apple', 'fig']] })).toBe(8);
  expect(lines).toEqual([
    'shop/info checkout: totalling',
    'shop/info catalog: price of apple',
    'shop/info catalog: price of fig',
  ]);

  // An err result reaches the caller with its payload and keeps the warm instance; the heartbeat counts two components.
  await expect(total?.call({ args: () => [['unicorn']] })).rejects.toMatchObject({
    name: 'WitError',
    payload: 'not-sold',
  });
  expect(engine.instantiations).toBe(1);
  expect(host.heartbeat()).toMatchObject({ workloadCount: 1, componentCount: 2 });

  // A stop of the host takes everything down in order.
  await host.stop();
  expect(engine.live.size).toBe(0);
  expect(engine.disposedCompilations).toBe(1);
  expect(lines.at(-1)).toBe('unbound');
  expect(handles).toEqual([]);
});
