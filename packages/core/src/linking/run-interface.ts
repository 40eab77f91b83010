import { HostError } from '../errors.js';
import { parseInterfaceId } from '../interface-id.js';
import type { ComponentShape, InterfaceShape } from '../shape.js';
import { SignatureWriter } from '../signature.js';

/**
 * The interface whose `run` is a service: `wasi:cli/run`, or the one exported interface when that has a `run`.
 *
 * @throws HostError `ERR_EXPORT_NOT_FOUND`, `ERR_SIGNATURE_MISMATCH` for a `run` that wants arguments, which nobody has for it
 */
export function findRunInterface({ exports }: ComponentShape): InterfaceShape {
  const cliRun = exports.find(({ id }) => {
    const parsed = id === undefined ? undefined : parseInterfaceId(id);
    return parsed?.namespace === 'wasi' && parsed.package === 'cli' && parsed.interfaces.includes('run');
  });
  const found = cliRun ?? (exports.length === 1 ? exports[0] : undefined);
  const run = found?.functions.find(({ name, kind }) => name === 'run' && kind === 'function');
  if (found === undefined || run === undefined) {
    throw new HostError('ERR_EXPORT_NOT_FOUND', "Service must export a single interface with the 'run' function");
  }
  const signature = new SignatureWriter(({ resource }) => resource).write(run);
  const isCallable = found === cliRun ? signature === 'func() -> result' : signature.startsWith('func()');
  if (isCallable) return found;
  throw new HostError(
    'ERR_SIGNATURE_MISMATCH',
    `the service exports 'run' of '${found.externName}' as ${signature.slice(0, 400)}; it must be func() -> result`,
    { details: { interface: found.externName, function: 'run' } },
  );
}
