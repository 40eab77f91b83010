import assert from 'node:assert/strict';
import type { ComponentShape, FunctionShape, InterfaceShape } from '@lodge/core';
import { type FixtureName, fixture, fixtureNames, watComponent } from '@lodge-internal/fixtures';
import { type Bench, normalize, type Suite } from './suite.js';

/** What an engine reads from a component without running it. */
export function testInspect(suite: Suite): void {
  suite.describe('inspect', () => {
    suite.test('imports and exports are named as the component names them, with their ids', async (bench) => {
      const { imports, exports } = await inspect(bench, 'lean');
      const names = imports.map((one) => [one.externName, one.id]);
      assert(
        names.some(([name, id]) => name === 'wasi:http/types@0.2.3' && id === name),
        JSON.stringify(names),
      );
      assert.deepEqual(
        exports.map((one) => one.externName),
        ['wasi:http/incoming-handler@0.2.3'],
      );
    });

    suite.test('a function has its WIT name, kind, parameters and result', async (bench) => {
      const { exports } = await inspect(bench, 'calls');
      const guest = theInterface(exports, 'lodge:fixture/guest');
      assert.deepEqual(normalize(theFunction(guest, 'check')), {
        name: 'check',
        kind: 'function',
        isAsync: false,
        params: [{ name: 'x', type: { kind: 'u32' } }],
        result: { kind: 'result', ok: { kind: 'u32' }, err: { kind: 'string' } },
      });
      assert.deepEqual(normalize(theFunction(guest, 'check-code').result), {
        kind: 'result',
        err: { kind: 'enum', cases: ['not-found', 'access-denied'] },
      });
      assert.equal(theFunction(guest, 'trap').result, undefined);
    });

    suite.test('functions of the world stand beside the interfaces', async (bench) => {
      const { importedFunctions, exportedFunctions } = await inspect(bench, 'calls');
      assert.deepEqual(
        importedFunctions.map((fn) => fn.name),
        ['world-level'],
      );
      assert.deepEqual(
        exportedFunctions.map((fn) => fn.name),
        ['world-double'],
      );
    });

    suite.test('an imported resource has its constructor, methods and static functions', async (bench) => {
      const { imports } = await inspect(bench, 'things');
      const things = theInterface(imports, 'lodge:fixture/things');
      assert.deepEqual(things.resources, ['thing']);
      const kinds = Object.fromEntries(things.functions.map((fn) => [fn.name, fn.kind]));
      assert.equal(kinds['[constructor]thing'], 'constructor');
      assert.equal(kinds['[method]thing.id'], 'method');
      assert.equal(kinds['[static]thing.copy'], 'static');
      assert.equal(kinds['consume'], 'function');
      const method = theFunction(things, '[method]thing.id');
      const thing = { resource: 'thing', owner: { direction: 'import', externName: 'lodge:fixture/things' } };
      assert.deepEqual(method.params, [{ name: 'self', type: { kind: 'borrow', ...thing } }]);
      assert.deepEqual(theFunction(things, '[constructor]thing').result, { kind: 'own', ...thing });
      assert.deepEqual(theFunction(things, 'sum').params[0]?.type, {
        kind: 'list',
        element: { kind: 'borrow', ...thing },
      });
    });

    suite.test('an exported resource has its constructor, methods and static functions', async (bench) => {
      const { exports } = await inspect(bench, 'counters');
      const counters = theInterface(exports, 'lodge:fixture/counters');
      assert.deepEqual(counters.resources, ['counter']);
      const owner = { direction: 'export', externName: 'lodge:fixture/counters' };
      assert.deepEqual(theFunction(counters, 'take').params[0]?.type, { kind: 'own', resource: 'counter', owner });
      assert.deepEqual(normalize(theFunction(counters, '[static]counter.parse').result), {
        kind: 'result',
        ok: { kind: 'own', resource: 'counter', owner },
        err: { kind: 'string' },
      });
    });

    suite.test('an export that uses an imported resource does not define it', async (bench) => {
      const { exports } = await inspect(bench, 'things');
      const user = theInterface(exports, 'lodge:fixture/user');
      const owner = { direction: 'import', externName: 'lodge:fixture/things' };
      assert.deepEqual(theFunction(user, 'give-back').result, { kind: 'own', resource: 'thing', owner });
      assert.deepEqual(user.resources, []);
    });

    suite.test('an import that uses a resource of another does not define it', async (bench) => {
      const { imports } = await inspect(bench, 'lean');
      assert.deepEqual(theInterface(imports, 'wasi:io/streams@0.2.3').resources, ['output-stream']);
      const types = theInterface(imports, 'wasi:http/types@0.2.3');
      assert.equal(types.resources.includes('output-stream'), false);
      assert.deepEqual(normalize(theFunction(types, '[method]outgoing-body.write').result), {
        kind: 'result',
        ok: {
          kind: 'own',
          resource: 'output-stream',
          owner: { direction: 'import', externName: 'wasi:io/streams@0.2.3' },
        },
      });
    });

    suite.test('a label is the name of an import without an id', async (bench) => {
      const bytes = await watComponent('(component (import "cache" (instance (export "get" (func (result u32))))))');
      const { imports } = await bench.engine.inspect(bytes);
      assert.deepEqual(
        imports.map((one) => [one.externName, one.id, one.functions.map((fn) => fn.name)]),
        [['cache', undefined, ['get']]],
      );
    });

    suite.test('the exports of a composed component are those of its inner one', async (bench) => {
      const { imports, exports } = await inspect(bench, 'composed');
      assert.deepEqual(
        imports.map((one) => one.externName),
        ['lodge:fixture/host'],
      );
      const composed = theInterface(exports, 'lodge:fixture/composed');
      assert.deepEqual(composed.functions.map((fn) => fn.name).sort(), [
        'add-twice',
        'checked',
        'echo',
        'slow',
        'trap',
      ]);
      assert.deepEqual(theFunction(composed, 'echo').params, [{ name: 'text', type: { kind: 'string' } }]);
    });

    suite.test('a component without imports and exports has an empty shape', async (bench) => {
      const shape = await bench.engine.inspect(await watComponent('(component)'));
      assert.deepEqual(shape, { imports: [], exports: [], importedFunctions: [], exportedFunctions: [] });
    });

    suite.test('a shape is plain data', async (bench) => {
      for (const name of fixtureNames) {
        const shape = await inspect(bench, name);
        assert.deepEqual(structuredClone(shape), shape);
      }
    });

    suite.test('a compiled component has the shape that was inspected', async (bench) => {
      const bytes = await fixture('things');
      const compiled = await bench.engine.compile(bytes, { name: 'subject', suspendingImports: new Set() });
      assert.deepEqual(compiled.shape, await bench.engine.inspect(bytes));
      compiled.dispose();
    });
  });
}

async function inspect({ engine }: Bench, name: FixtureName): Promise<ComponentShape> {
  return engine.inspect(await fixture(name));
}

function theInterface(interfaces: readonly InterfaceShape[], externName: string): InterfaceShape {
  const found = interfaces.find((one) => one.externName === externName);
  assert(found, `there is no interface ${externName} among ${interfaces.map((one) => one.externName).join(', ')}`);
  return found;
}

function theFunction(of: InterfaceShape, name: string): FunctionShape {
  const found = of.functions.find((fn) => fn.name === name);
  assert(found, `there is no function ${name} among ${of.functions.map((fn) => fn.name).join(', ')}`);
  return found;
}
