/** `get-random-bytes` -> `getRandomBytes`: the member that stands for a WIT function or field. */
export function camelCase(witName: string): string {
  return witName.toLowerCase().replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}

/** `input-stream` -> `InputStream`: the class that stands for a WIT resource. */
export function pascalCase(witName: string): string {
  const name = camelCase(witName);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The parts of a function's WIT name: `[method]pollable.block` is `block` of the resource `pollable`. */
export function splitFunctionName(witName: string): { resource: string | undefined; member: string } {
  const match = /^\[(?:method|static|constructor)\]([^.]+)(?:\.(.+))?$/.exec(witName);
  if (match === null) return { resource: undefined, member: witName };
  return { resource: match[1], member: match[2] ?? 'constructor' };
}
