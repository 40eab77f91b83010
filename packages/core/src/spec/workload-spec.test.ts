import { describe, expect, it } from 'vitest';
import { HostError } from '../errors.js';
import { parseWorkloadSpec } from './workload-spec.js';

const source = { bytes: new Uint8Array(1) };

function problem(spec: unknown): { path: unknown; message: string } {
  try {
    parseWorkloadSpec(spec);
  } catch (error) {
    if (HostError.is(error, 'ERR_SPEC_INVALID')) return { path: error.details.path, message: error.message };
    throw error;
  }
  return expect.unreachable('the spec was taken');
}

const withComponent = (component: object): object => ({ namespace: 'n', name: 'w', components: [component] });
const withInterface = (entry: object): object => ({ namespace: 'n', name: 'w', hostInterfaces: [entry] });

describe('parseWorkloadSpec', () => {
  it('answers with an equal copy that later changes do not reach', () => {
    const spec = {
      namespace: 'n',
      name: 'w',
      annotations: { a: 'b' },
      components: [{ name: 'c', source, poolSize: 2 }],
    };
    const parsed = parseWorkloadSpec(spec);
    expect(parsed).toEqual(spec);
    spec.annotations.a = 'changed';
    spec.components.pop();
    expect(parsed).toMatchObject({ annotations: { a: 'b' }, components: [{ name: 'c' }] });
  });

  it.each<[string, unknown, string, string]>([
    ['no object', 'text', '', 'the workload must be an object, not "text"'],
    ['null', null, '', 'the workload must be an object, not null'],
    ['a missing name', { namespace: 'n' }, 'name', 'name is missing'],
    [
      'a misspelt key',
      { namespace: 'n', name: 'w', componets: [] },
      'componets',
      'componets is not a known key; did you mean components?',
    ],
    [
      'another custom',
      withComponent({ name: 'c', source, pool_size: 1 }),
      'components[0].pool_size',
      'did you mean poolSize?',
    ],
    ['an unknown key', { namespace: 'n', name: 'w', zzzzzz: 1 }, 'zzzzzz', 'known are namespace, name'],
    [
      'a wrong type',
      withComponent({ name: 'c', source, poolSize: '1' }),
      'components[0].poolSize',
      'must be a whole number, not "1"',
    ],
    [
      'a fraction',
      withComponent({ name: 'c', source, poolSize: 0.5 }),
      'components[0].poolSize',
      'must be a whole number',
    ],
    ['an empty name', withComponent({ name: '', source }), 'components[0].name', 'must not be empty'],
    [
      'bytes that are none',
      withComponent({ name: 'c', source: { bytes: [1] } }),
      'components[0].source.bytes',
      'must be a Uint8Array',
    ],
    [
      'two sources',
      withComponent({ name: 'c', source: { ...source, image: 'x' } }),
      'components[0].source',
      'not both',
    ],
    [
      'an unknown policy',
      withComponent({ name: 'c', source: { image: 'x', pullPolicy: 'Always' } }),
      'components[0].source.pullPolicy',
      'always, if-not-present, never',
    ],
    [
      'a version that is none',
      withInterface({ namespace: 'wasi', package: 'http', interfaces: ['types'], version: 'latest' }),
      'hostInterfaces[0].version',
      'semantic version',
    ],
    [
      'an interface that is none',
      withInterface({ namespace: 'wasi', package: 'http', interfaces: ['__proto__'] }),
      'hostInterfaces[0].interfaces[0]',
      'WIT interface name',
    ],
    [
      'a value that is no text',
      { namespace: 'n', name: 'w', annotations: { a: 1 } },
      'annotations.a',
      'must be a string, not 1',
    ],
    [
      'a key that is no identifier',
      { namespace: 'n', name: 'w', annotations: { 'a b': 1 } },
      'annotations["a b"]',
      'must be a string',
    ],
    [
      'a mount without its volume',
      withComponent({ name: 'c', source, localResources: { volumeMounts: [{ name: 'v', mountPath: '/' }] } }),
      'components[0].localResources.volumeMounts[0].name',
      'names no volume',
    ],
    ['a list where an object belongs', withComponent([]), 'components[0]', 'must be an object, not a list'],
  ])('refuses %s with its path', (_, spec, path, message) => {
    const found = problem(spec);
    expect(found.path).toBe(path);
    expect(found.message).toContain(message);
  });

  it('refuses two components of one name', () => {
    const found = problem({
      namespace: 'n',
      name: 'w',
      components: [
        { name: 'c', source },
        { name: 'c', source },
      ],
    });
    expect(found).toEqual({ path: 'components[1].name', message: expect.stringContaining('components[0].name too') });
  });

  it('refuses a component that takes the name of the service', () => {
    const found = problem({
      namespace: 'n',
      name: 'w',
      components: [{ name: 'service', source }],
      service: { source },
    });
    expect(found.path).toBe('components[0].name');
  });

  it('refuses a name of 10 MB without quoting it', () => {
    const found = problem({ namespace: 'n', name: 'x'.repeat(10_000_000) });
    expect(found.message.length).toBeLessThan(200);
  });

  it('refuses an unknown key of 10 MB without quoting it', () => {
    const found = problem({ namespace: 'n', name: 'w', ['x'.repeat(10_000_000)]: 1 });
    expect(found.message.length).toBeLessThan(500);
  });

  it('takes prototype names for plain keys, and nobody inherits anything', () => {
    const spec: unknown = JSON.parse(
      '{"namespace":"n","name":"w","annotations":{"__proto__":"evil","constructor":"c"}}',
    );
    const { annotations = {} } = parseWorkloadSpec(spec);
    expect(Object.keys(annotations)).toEqual(['__proto__', 'constructor']);
    expect(annotations.toString).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('refuses a prototype name as a key of the spec itself', () => {
    const spec: unknown = JSON.parse('{"namespace":"n","name":"w","__proto__":{"service":{}}}');
    expect(problem(spec).message).toContain('not a known key');
  });

  it('does not take inherited members for the spec', () => {
    expect(problem(Object.create({ namespace: 'n', name: 'w' })).message).toContain('is missing');
  });
});
