import type { LowerTrampoline, ResourceTrampoline, Trampoline, ValueType } from '../plan/types.js';
import { Code } from './code.js';
import {
  begin,
  callerSide,
  coreFuncName,
  type Emission,
  given,
  hostCall,
  liftParams,
  liftResult,
  lowerParams,
  postReturn,
  resolvedLift,
  returnResult,
  sideOf,
} from './functions.js';
import { zeroOf } from './values.js';

/** The source of the JavaScript function that core modules call in place of trampoline `index`. */
export function emitTrampoline(trampoline: Trampoline, index: number, emission: Emission): string {
  const params = trampoline.core.params.map((_, position) => `p${position}`);
  const component = trampoline.kind === 'lower' ? trampoline.context.component : trampoline.component;
  const code = new Code();
  const handler = emitBody(code, trampoline, index, params, emission);
  return [
    `function t${index}(${params.join(', ')}) {`,
    `if (!c${component}.mayLeave) life.refuseLeave(${index});`,
    `try {\n${code.text}\n} catch (error) { throw life.${handler}(error, ${index}); }`,
    '}',
  ].join('\n');
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
        emitAdapter(code, trampoline, index, params, emission);
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
    code.line('disposeHost(rep);');
    return 'hostFailed';
  }
  // A destructor cannot be suspended: this function stands on the stack.
  if (destructor !== undefined) {
    code.line(`life.blocked++; ${coreFuncName(destructor, emission.suspension)}(rep); life.blocked--;`);
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
    code.line('if (isThenable(value)) {');
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
function emitAdapter(
  code: Code,
  trampoline: LowerTrampoline,
  index: number,
  params: readonly string[],
  emission: Emission,
): void {
  const { func, context } = trampoline;
  if (func.kind !== 'lift') return;
  const { helpers, suspension, reentrable } = emission;
  const lift = resolvedLift(emission, func);
  const caller = callerSide(context, 'graph', func.type);
  const callee = sideOf(lift.context, 'graph');
  const table = `c${lift.context.component}`;
  const isGuarded = reentrable.has(lift.context.component);
  if (suspension.lifts.has(lift.index)) code.line('life.checkSuspendable();');
  if (isGuarded) code.line(`${table}.enter();`);
  begin(code, func.type, caller);
  const args = liftParams(code, func.type, params, caller, helpers);
  begin(code, func.type, callee);
  const flat = lowerParams(code, func.type, args, callee, helpers);
  given(
    code,
    func.type.params.map((param) => param.type),
    caller,
  );

  const finish = (block: Code): void => {
    begin(block, func.type, callee);
    const value = liftResult(block, func.type.result, 'result', callee, helpers);
    const held = value === undefined ? 'undefined' : block.hold(value);
    postReturn(block, lift, func.type.result === undefined ? '' : 'result', suspension);
    block.line(`if (${table}.borrows !== 0) trap('it returned with borrowed handles that it had not dropped');`);
    if (isGuarded) block.line(`${table}.leave();`);
    given(block, [func.type.result], callee);
    begin(block, func.type, caller);
    returnOrLose(block, func.type.result, held, (inner) => {
      const outcome = { value: held, failed: undefined };
      returnResult(inner, func.type.result, outcome, params.at(-1) ?? '', caller, helpers);
    });
  };
  if (!suspension.lifts.has(lift.index)) {
    code.line(`const result = f${lift.index}(${flat.join(', ')});`);
    finish(code);
    return;
  }
  const done = code.block();
  finish(done);
  code.line(`wait(promising${lift.index}()(${flat.join(', ')}).then((result) => {`);
  code.line(`try {\n${done.text}\n} catch (error) { throw life.guestFailed(error, ${index}); }`);
  code.line(`}, (error) => { throw life.guestFailed(error, ${index}); }));`);
  code.line(returnNothing(trampoline));
}

/** What stands in for the result until the guest goes on. */
function returnNothing({ core }: LowerTrampoline): string {
  const [result] = core.results;
  return result === undefined ? 'return;' : `return ${zeroOf(result)};`;
}
