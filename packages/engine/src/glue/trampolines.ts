import type { Lift, LowerTrampoline, ResourceTrampoline, Trampoline, ValueType } from '../plan/types.js';
import type { Adapter } from './adapters.js';
import { Code } from './code.js';
import { quiet } from './copier.js';
import { countingCode } from './emit-bridge.js';
import {
  begin,
  callerSide,
  copyParams,
  copyResult,
  coreFuncName,
  type Emission,
  given,
  hostCall,
  isAsking,
  liftParams,
  liftResult,
  lowerParams,
  postReturn,
  resolvedLift,
  returnResult,
  sideOf,
} from './functions.js';
import { zeroOf } from './values.js';

/** The source of the JavaScript functions behind trampoline `index`. */
export function emitTrampoline(trampoline: Trampoline, index: number, emission: Emission): string {
  const adapter = emission.adapters.get(index);
  const question = isAsking(index, emission) ? emitQuestion(trampoline, index) : '';
  if (adapter !== undefined) return question + emitBridgedAdapter(adapter, trampoline, emission);
  const params = paramsOf(trampoline);
  const code = new Code();
  const handler = emitBody(code, trampoline, index, params, emission);
  return [
    question,
    `function t${index}(${params.join(', ')}) {`,
    mayLeaveCheck(trampoline, index),
    `try {\n${code.text}\n} catch (error) { throw life.${handler}(error, ${index}); }`,
    '}',
  ].join('\n');
}

function paramsOf({ core }: Trampoline): string[] {
  return core.params.map((_, position) => `p${position}`);
}

function mayLeaveCheck(trampoline: Trampoline, index: number): string {
  const component = trampoline.kind === 'lower' ? trampoline.context.component : trampoline.component;
  return `if (!c${component}.mayLeave) life.refuseLeave(${index});`;
}

/** What the bridge asks before a call that could be forbidden. */
function emitQuestion(trampoline: Trampoline, index: number): string {
  return `function l${index}() { if (guard.value >= ${quiet}) life.refuseLeave(${index}); ${mayLeaveCheck(trampoline, index)} }\n`;
}

/** Emits the body; answers the method of `Life` that takes what it throws. */
function emitBody(
  code: Code,
  trampoline: Trampoline,
  index: number,
  params: readonly string[],
  emission: Emission,
): string {
  switch (trampoline.kind) {
    case 'lower':
      if (trampoline.func.kind === 'lift') {
        emitAdapter(code, trampoline, params, emission);
        return 'guestFailed';
      }
      emitHostCall(code, trampoline, index, params, emission);
      return 'hostFailed';
    case 'resource.new':
      code.line(`return c${trampoline.component}.addOwn(${trampoline.resource.id}, p0);`);
      return 'hostFailed';
    case 'resource.rep':
      code.line(`return c${trampoline.component}.rep(p0, ${trampoline.resource.id});`);
      return 'hostFailed';
    case 'resource.drop':
      return emitDrop(code, trampoline, emission);
  }
}

function emitDrop(code: Code, { component, resource }: ResourceTrampoline, emission: Emission): string {
  const table = `c${component}`;
  const destructor = emission.plan.resources[resource.id]?.destructor;
  code.line(`if (!${table}.isOwn(p0, ${resource.id})) return ${table}.dropBorrow(p0);`);
  code.line(`const rep = ${table}.takeOwn(p0, ${resource.id});`);
  if (resource.owner === undefined) {
    // Not a function that all share: here V8 learns the class of this resource.
    code.line("if (typeof rep?.[Symbol.dispose] === 'function') rep[Symbol.dispose]();");
    return 'hostFailed';
  }
  // A destructor cannot be suspended: this function stands on the stack.
  if (destructor !== undefined) {
    code.line(`life.blocked++; ${coreFuncName(destructor, emission)}(rep); life.blocked--;`);
  }
  return 'guestFailed';
}

/** A call out to the host. */
function emitHostCall(
  code: Code,
  trampoline: LowerTrampoline,
  index: number,
  params: readonly string[],
  emission: Emission,
): void {
  const { func, context } = trampoline;
  if (func.kind !== 'host') return;
  const { helpers } = emission;
  const side = callerSide(context, 'host', func.type);
  const { result } = func.type;
  const returnPointer = params.at(-1) ?? '';
  begin(code, func.type, side);
  const args = liftParams(code, func.type, params, side, helpers);
  given(
    code,
    func.type.params.map((param) => param.type),
    side,
  );
  const call = hostCall(func.host, args);
  const isFallible = result?.kind === 'result';
  const failed = isFallible ? 'failed' : undefined;
  if (isFallible) {
    code.line('let value, failed = false;');
    code.line(`try { value = ${call}; } catch (error) { value = witPayload(error); failed = true; }`);
  } else code.line(`const value = ${call};`);

  if (func.host.isSuspending) {
    const done = code.block();
    begin(done, func.type, side);
    returnOrLose(done, result, 'value', (block) => {
      const outcome = { value: 'value', failed: isFallible ? 'false' : undefined };
      returnResult(block, result, outcome, returnPointer, side, helpers);
    });
    const rejected = code.block();
    if (isFallible) {
      rejected.line('const value = witPayload(error);');
      begin(rejected, func.type, side);
      returnResult(rejected, result, { value: 'value', failed: 'true' }, returnPointer, side, helpers);
    } else rejected.line('throw error;');
    code.line("if (typeof value === 'object' && value?.then !== undefined && isThenable(value)) {");
    code.line(`wait(life.suspend(value, ${index}, (value) => {\n${done.text}\n}, (error) => {\n${rejected.text}\n}));`);
    code.line(`${returnNothing(trampoline)}\n}`);
  } else if (result === undefined || (isFallible && result.ok === undefined))
    code.line('if (value !== undefined) refusePromise(value);');
  returnOrLose(code, result, 'value', (block) => {
    returnResult(block, result, { value: 'value', failed }, returnPointer, side, helpers);
  });
}

/** Emits the return of `value`; where it holds handles and cannot be lowered, its resources are dropped with the life. */
function returnOrLose(code: Code, type: ValueType | undefined, value: string, emit: (block: Code) => void): void {
  const block = code.block();
  emit(block);
  const isSafe = type?.hasHandle !== true;
  code.line(isSafe ? block.text : `try {\n${block.text}\n} catch (error) { life.lose(${value}); throw error; }`);
}

/** A call from one component of the graph to another: lifted on one side, lowered on the other, handles as bare representations. */
function emitAdapter(code: Code, trampoline: LowerTrampoline, params: readonly string[], emission: Emission): void {
  const { func } = trampoline;
  if (func.kind !== 'lift') return;
  const lift = resolvedLift(emission, func);
  const flat = emitArguments(code, trampoline, lift, params, emission);
  code.line(`const result = f${lift.index}(${flat.join(', ')});`);
  emitResult(code, trampoline, lift, params.at(-1) ?? '', emission);
}

/** The same in parts: what the bridge calls before and after it calls the callee itself. */
function emitBridgedAdapter(
  { index, lift, callee, kind }: Adapter,
  trampoline: Trampoline,
  emission: Emission,
): string {
  if (trampoline.kind !== 'lower') return '';
  const fail = `function e${index}(what) { throw life.adapterFailed(what, ${index}); }`;
  if (kind === 'direct') return fail;
  const params = paramsOf(trampoline);
  const guard = (code: Code): string =>
    `try {\n${code.text}\n} catch (error) { throw life.guestFailed(error, ${index}); }`;
  const before = new Code();
  const [first, ...rest] = emitArguments(before, trampoline, lift, params, emission);
  const kept = rest.map((_, position) => `a${index}$${position + 1}`);
  rest.forEach((value, position) => {
    before.line(`${kept[position]} = ${value};`);
  });
  if (first !== undefined) before.line(`return ${first};`);
  const after = new Code();
  const pointer = params.at(-1) ?? '';
  emitResult(after, trampoline, lift, pointer, emission);
  const isReturnedInMemory = lift.type.result !== undefined && trampoline.core.results.length === 0;
  const afterParams = [...(callee.results.length > 0 ? ['result'] : []), ...(isReturnedInMemory ? [pointer] : [])];
  return [
    fail,
    kept.length > 0 ? `let ${kept.join(', ')};` : '',
    ...kept.map((name, position) => `function a${index}_${position + 1}() { return ${name}; }`),
    `function a${index}(${params.join(', ')}) {`,
    kind === 'copying' ? countingCode : '',
    mayLeaveCheck(trampoline, index),
    guard(before),
    '}',
    `function b${index}(${afterParams.join(', ')}) {\n${guard(after)}\n}`,
  ].join('\n');
}

/** From core values of the caller to core values of the callee; answers an expression for each. */
function emitArguments(
  code: Code,
  { context }: LowerTrampoline,
  lift: Lift,
  params: readonly string[],
  { helpers, reentrable }: Emission,
): string[] {
  const { type } = lift;
  const caller = callerSide(context, 'graph', type);
  const callee = sideOf(lift.context, 'graph');
  if (reentrable.has(lift.context.component)) code.line(`c${lift.context.component}.enter();`);
  begin(code, type, caller);
  begin(code, type, callee);
  const types = type.params.map((param) => param.type);
  if (!types.some((param) => param.hasHandle))
    return copyParams(code, type, params, { from: caller, to: callee }, helpers);
  const args = liftParams(code, type, params, caller, helpers);
  const flat = lowerParams(code, type, args, callee, helpers);
  given(code, types, caller);
  return flat;
}

/** From `result`, the callee's core value, to what the caller gets. */
function emitResult(
  code: Code,
  { context }: LowerTrampoline,
  lift: Lift,
  returnPointer: string,
  emission: Emission,
): void {
  const { helpers, reentrable } = emission;
  const { result } = lift.type;
  const caller = callerSide(context, 'graph', lift.type);
  const callee = sideOf(lift.context, 'graph');
  const table = `c${lift.context.component}`;
  begin(code, lift.type, callee);
  const end = (): void => {
    postReturn(code, lift, result === undefined ? '' : 'result', emission);
    code.line(`if (${table}.borrows !== 0) trap('it returned with borrowed handles that it had not dropped');`);
    if (reentrable.has(lift.context.component)) code.line(`${table}.leave();`);
  };
  if (result?.hasHandle !== true) {
    begin(code, lift.type, caller);
    const crossing = { from: callee, to: caller };
    const value = result && copyResult(code, result, 'result', returnPointer, crossing, helpers);
    end();
    code.line(value === undefined ? 'return;' : `return ${value};`);
    return;
  }
  const value = liftResult(code, result, 'result', callee, helpers);
  const held = value === undefined ? 'undefined' : code.hold(value);
  end();
  given(code, [result], callee);
  begin(code, lift.type, caller);
  returnOrLose(code, result, held, (inner) => {
    returnResult(inner, result, { value: held, failed: undefined }, returnPointer, caller, helpers);
  });
}

/** What stands in for the result until the guest goes on. */
function returnNothing({ core }: LowerTrampoline): string {
  const [result] = core.results;
  return result === undefined ? 'return;' : `return ${zeroOf(result)};`;
}
