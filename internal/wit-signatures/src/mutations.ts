import type { FunctionShape, NamedType, TypeShape } from '@lodge/core';

/** One change to a function's type. */
export interface Mutation {
  readonly what: string;
  readonly shape: FunctionShape;
}

const u8: TypeShape = { kind: 'u8' };

/** Every function type that differs from `shape` in one place. */
export function* mutations(shape: FunctionShape): Iterable<Mutation> {
  const { params, result } = shape;
  const make = (what: string, change: Partial<FunctionShape>): Mutation => ({ what, shape: { ...shape, ...change } });
  yield make('async', { isAsync: !shape.isAsync });
  yield make('another parameter', { params: [...params, { name: 'another', type: u8 }] });
  for (const [what, changed] of changedNamed('parameter', params)) yield make(what, { params: changed });
  if (result === undefined) yield make('a result', { result: u8 });
  else {
    yield make('no result', { result: undefined });
    for (const [what, changed] of changedTypes(result)) yield make(`result: ${what}`, { result: changed });
  }
}

function* changedNamed(noun: string, items: readonly NamedType[]): Iterable<[string, readonly NamedType[]]> {
  for (const [index, item] of items.entries()) {
    const what = `${noun} ${item.name}`;
    yield [`${what} missing`, items.toSpliced(index, 1)];
    yield [`${what} renamed`, items.with(index, { ...item, name: `${item.name}-x` })];
    const next = items[index + 1];
    if (next !== undefined) yield [`${what} later`, items.toSpliced(index, 2, next, item)];
    for (const [inner, type] of changedTypes(item.type))
      yield [`${what}: ${inner}`, items.with(index, { ...item, type })];
  }
}

function* changedNames(names: readonly string[]): Iterable<[string, readonly string[]]> {
  for (const [index, name] of names.entries()) {
    yield [`${name} missing`, names.toSpliced(index, 1)];
    yield [`${name} renamed`, names.with(index, `${name}-x`)];
    const next = names[index + 1];
    if (next !== undefined) yield [`${name} later`, names.toSpliced(index, 2, next, name)];
  }
}

/** Every type that differs from `type` in one place. */
function* changedTypes(type: TypeShape): Iterable<[string, TypeShape]> {
  yield [`${type.kind} for u8`, type.kind === 'u8' ? { kind: 's8' } : u8];
  yield ['option', { kind: 'option', some: type }];
  switch (type.kind) {
    case 'list':
      yield ['list of a length', { ...type, length: 1 }];
      for (const [what, element] of changedTypes(type.element)) yield [`list of ${what}`, { ...type, element }];
      return;
    case 'option':
      yield ['no option', type.some];
      for (const [what, some] of changedTypes(type.some)) yield [`option of ${what}`, { ...type, some }];
      return;
    case 'record':
      for (const [what, fields] of changedNamed('field', type.fields)) yield [what, { ...type, fields }];
      return;
    case 'tuple':
      for (const [index, element] of type.elements.entries()) {
        yield [`element ${index} missing`, { ...type, elements: type.elements.toSpliced(index, 1) }];
        for (const [what, changed] of changedTypes(element)) {
          yield [`element ${index}: ${what}`, { ...type, elements: type.elements.with(index, changed) }];
        }
      }
      return;
    case 'variant':
      for (const [index, item] of type.cases.entries()) {
        yield [`case ${item.name} missing`, { ...type, cases: type.cases.toSpliced(index, 1) }];
        yield [`case ${item.name} renamed`, { ...type, cases: type.cases.with(index, { ...item, name: 'x' }) }];
        const changed: Iterable<[string, TypeShape | undefined]> =
          item.type === undefined ? [['u8', u8]] : [['nothing', undefined], ...changedTypes(item.type)];
        for (const [what, inner] of changed) {
          yield [`case ${item.name}: ${what}`, { ...type, cases: type.cases.with(index, { ...item, type: inner }) }];
        }
      }
      return;
    case 'enum':
      for (const [what, cases] of changedNames(type.cases)) yield [what, { ...type, cases }];
      return;
    case 'flags':
      for (const [what, names] of changedNames(type.names)) yield [what, { ...type, names }];
      return;
    case 'result': {
      const { ok, err } = type;
      yield ['other ok', { ...type, ok: ok === undefined ? u8 : undefined }];
      yield ['other err', { ...type, err: err === undefined ? u8 : undefined }];
      for (const [what, changed] of ok === undefined ? [] : changedTypes(ok))
        yield [`ok: ${what}`, { ...type, ok: changed }];
      for (const [what, changed] of err === undefined ? [] : changedTypes(err)) {
        yield [`err: ${what}`, { ...type, err: changed }];
      }
      return;
    }
    case 'own':
    case 'borrow':
      yield ['owned for borrowed', { ...type, kind: type.kind === 'own' ? 'borrow' : 'own' }];
      yield ['another resource', { ...type, resource: `${type.resource}-x` }];
      yield ['a resource of its own', { ...type, owner: undefined }];
      yield [
        'a resource of an export',
        { ...type, owner: { direction: 'export', externName: type.owner?.externName ?? '' } },
      ];
      return;
  }
}
