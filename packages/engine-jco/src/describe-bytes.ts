/** Names what `bytes` are when they are not the beginning of a component; `undefined` when they look like one. */
export function describeBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'empty';
  const isWasm = startsWith(bytes, [0x00, 0x61, 0x73, 0x6d]);
  if (!isWasm) return describeForeign(bytes);
  if (bytes.length < 8) return 'a truncated WebAssembly file';
  if (startsWith(bytes.subarray(4), [0x01, 0x00, 0x00, 0x00]))
    return 'a core WebAssembly module, which is not a component';
  if (!startsWith(bytes.subarray(4), [0x0d, 0x00, 0x01, 0x00])) return 'a WebAssembly file of an unknown version';
  return undefined;
}

function describeForeign(bytes: Uint8Array): string {
  const head = new TextDecoder().decode(bytes.subarray(0, 64));
  if (/^[\t\n\r\x20-\x7e]+$/.test(head)) {
    return head.trimStart().startsWith('(') ? 'text, it seems in the WebAssembly text format' : 'text';
  }
  return 'not WebAssembly';
}

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((value, index) => bytes[index] === value);
}
