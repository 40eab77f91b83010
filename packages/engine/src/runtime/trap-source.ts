/** A module whose one function is `unreachable`, exported as `t`. */
const unreachableModule = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07,
  0x05, 0x01, 0x01, 0x74, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
]);

/**
 * Makes a function that answers the error of a real trap. V8 lets no `catch` of a guest see such an error, while any other JavaScript
 * error would be caught by a `catch_all`.
 */
export function trapSource(): () => Error {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unreachableModule));
  const unreachable = exports['t'] as () => void;
  return () => {
    try {
      unreachable();
    } catch (error) {
      if (error instanceof Error) return error;
    }
    return new WebAssembly.RuntimeError('unreachable');
  };
}
