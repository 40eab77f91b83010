import { camelCase, pascalCase } from '../binary/names.js';
import { unsupported } from '../invalid.js';
import type { Instance } from '../plan/scope.js';
import { parseFunctionName } from '../plan/shape.js';
import type { Func, Lift } from '../plan/types.js';
import { Code, literal } from './code.js';
import {
  begin,
  coreFuncName,
  type Emission,
  given,
  liftResult,
  lowerParams,
  postReturn,
  resolvedLift,
  sideOf,
} from './functions.js';

/** The source of the functions through which the host calls lift `lift`. */
export function emitExport(lift: Lift, emission: Emission): string {
  const params = lift.type.params.map((_, index) => `a${index}`);
  return emission.suspension.lifts.has(lift.index)
    ? emitPromisingExport(lift, params, emission)
    : emitPlainExport(lift, params, emission);
}

function emitPlainExport(lift: Lift, params: readonly string[], emission: Emission): string {
  const code = new Code();
  const flat = emitEntry(code, lift, params, emission);
  code.line(`const result = f${lift.index}(${flat.join(', ')});`);
  const outcome = emitExit(code, lift, emission);
  return [
    `function x${lift.index}(${params.join(', ')}) {`,
    'life.enter();',
    `let value, failed = false;`,
    `try {\n${code.text}\n} catch (error) { throw ${unwind(lift, emission)}; }`,
    outcome,
    '}',
  ].join('\n');
}

function emitPromisingExport(lift: Lift, params: readonly string[], emission: Emission): string {
  const entry = new Code();
  const flat = emitEntry(entry, lift, params, emission);
  const exit = new Code();
  const outcome = emitExit(exit, lift, emission);
  const { index } = lift;
  // One call at a time: nothing of a call lives in the callbacks, so they are made once per instance.
  return [
    `function done${index}(result) {`,
    `let value, failed = false;`,
    `try {\n${exit.text}\n} catch (error) { throw life.unwind(error, ${index}); }`,
    outcome,
    '}',
    `function failed${index}(error) { throw life.unwind(error, ${index}); }`,
    `function x${index}(${params.join(', ')}) {`,
    'try { life.enter(); } catch (error) { return Promise.reject(error); }',
    'try {',
    'if (pacer) pacer.begin();',
    entry.text,
    `return promising${index}()(${flat.join(', ')}).then(done${index}, failed${index});`,
    `} catch (error) { return Promise.reject(${unwind(lift, emission)}); }`,
    '}',
  ].join('\n');
}

/** Whether a wrong argument can leave something behind: handles made for the arguments before it. */
function takesBack(lift: Lift, emission: Emission): boolean {
  return lift.type.params.some((param) => param.type.hasHandle) || emission.reentrable.has(lift.context.component);
}

/** The end of a call that did not go well, as an expression for what it throws. */
function unwind(lift: Lift, emission: Emission): string {
  return `life.unwind(error, ${lift.index}${takesBack(lift, emission) ? `, c${lift.context.component}` : ''})`;
}

/** From the arguments to core values. */
function emitEntry(code: Code, lift: Lift, params: readonly string[], emission: Emission): string[] {
  const side = sideOf(lift.context, 'host');
  if (takesBack(lift, emission)) code.line(`c${side.component}.mark();`);
  if (emission.reentrable.has(side.component)) code.line(`c${side.component}.enter();`);
  begin(code, lift.type, side);
  return lowerParams(code, lift.type, params, side, emission.helpers);
}

/** From the core result to `value` and `failed`; answers how to hand them to the caller. */
function emitExit(code: Code, lift: Lift, emission: Emission): string {
  const side = sideOf(lift.context, 'host');
  const { result } = lift.type;
  begin(code, lift.type, side);
  const isFallible = result?.kind === 'result';
  const value = liftResult(code, result, 'result', side, emission.helpers);
  if (value !== undefined) {
    const held = code.hold(value);
    code.line(isFallible ? `value = ${held}.val; failed = ${held}.tag === 'err';` : `value = ${held};`);
  }
  postReturn(code, lift, result === undefined ? '' : 'result', emission);
  if (emission.reentrable.has(side.component)) code.line(`c${side.component}.leave();`);
  code.line(`life.exit(c${side.component});`);
  given(code, [result], side);
  return isFallible ? 'if (failed) throw new WitError(value);\nreturn value;' : 'return value;';
}

/** The source of the object that an instance's exports become, and the lifts that it calls. */
export class ExportObjects {
  readonly #emission: Emission;
  readonly #lifts = new Map<number, Lift>();
  readonly #guests: string[] = [];

  constructor(emission: Emission) {
    this.#emission = emission;
  }

  get lifts(): Iterable<Lift> {
    return this.#lifts.values();
  }

  /** Cases of a switch over resource ids that make the classes of guest resources. */
  get guests(): string {
    return this.#guests.join('\n');
  }

  emit(exports: Instance): string {
    const entries: string[] = [];
    for (const [name, item] of exports) {
      if (item.sort === 'func') entries.push(`${literal(camelCase(name))}: ${this.#callable(item.func)}`);
      if (item.sort === 'instance') entries.push(`${literal(name)}: ${this.#interface(item.instance)}`);
    }
    return `{ ${entries.join(', ')} }`;
  }

  #interface(instance: Instance): string {
    const entries: string[] = [];
    for (const [name, item] of instance) {
      if (item.sort === 'func' && parseFunctionName(name).kind === 'function') {
        entries.push(`${literal(camelCase(name))}: ${this.#callable(item.func)}`);
      }
      if (item.sort === 'type' && item.type.kind === 'resource' && item.type.resource.owner !== undefined) {
        const { id } = item.type.resource;
        this.#guest(name, id, instance);
        entries.push(`get ${literal(pascalCase(name))}() { return life.guest(${id}).class; }`);
      }
    }
    return `{ ${entries.join(', ')} }`;
  }

  #guest(name: string, id: number, instance: Instance): void {
    const { plan } = this.#emission;
    const methods: string[] = [];
    const statics: string[] = [];
    let construct = 'undefined';
    for (const [funcName, item] of instance) {
      const { kind, resource, member } = parseFunctionName(funcName);
      if (item.sort !== 'func' || resource !== name) continue;
      const params = item.func.type.params.map((_, index) => `a${index}`);
      const callable = this.#callable(item.func);
      const key = literal(camelCase(member));
      if (kind === 'constructor') construct = callable;
      else if (kind === 'static') statics.push(`${key}: ${callable}`);
      else
        methods.push(
          `${key}(${params.slice(1).join(', ')}) { return ${callable}(${['this', ...params.slice(1)].join(', ')}); }`,
        );
    }
    const destructor = plan.resources[id]?.destructor;
    const drop = destructor === undefined ? 'undefined' : `(rep) => ${coreFuncName(destructor, this.#emission)}(rep)`;
    this.#guests.push(
      `case ${id}: { const guest = guestResource(life, ${literal(pascalCase(name))}, ${drop});`,
      `defineMembers(guest, ${construct}, { ${methods.join(', ')} }, { ${statics.join(', ')} }); return guest; }`,
    );
  }

  #callable(func: Func): string {
    if (func.kind === 'lift') {
      const lift = resolvedLift(this.#emission, func);
      this.#lifts.set(lift.index, lift);
      return `x${lift.index}`;
    }
    if (parseFunctionName(func.host.name).kind !== 'function')
      throw unsupported('the re-export of an imported resource');
    return `life.passOn(h${func.host.index}, ${literal(func.host.name)})`;
  }
}
