import { isFieldName } from './field-syntax.js';

/** `variant method` */
export type Method =
  | {
      readonly tag: 'get' | 'head' | 'post' | 'put' | 'delete' | 'connect' | 'options' | 'trace' | 'patch';
      readonly val?: undefined;
    }
  | { readonly tag: 'other'; readonly val: string };

/** `variant scheme` */
export type Scheme =
  | { readonly tag: 'HTTP' | 'HTTPS'; readonly val?: undefined }
  | { readonly tag: 'other'; readonly val: string };

const known: ReadonlyMap<string, Method> = new Map(
  (['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const).map((tag) => [
    tag.toUpperCase(),
    Object.freeze({ tag }),
  ]),
);

/** The WIT value of a method as it is on the wire. */
export function toMethod(text: string): Method {
  return known.get(text) ?? { tag: 'other', val: text };
}

/** A method as it is on the wire; `undefined` when it is no token. */
export function methodText(method: Method): string | undefined {
  if (method.tag !== 'other') return method.tag.toUpperCase();
  return isFieldName(method.val) ? method.val : undefined;
}

/** The WIT values of the schemes that the host knows. */
export const schemes: { readonly http: Scheme; readonly https: Scheme } = {
  http: Object.freeze({ tag: 'HTTP' }),
  https: Object.freeze({ tag: 'HTTPS' }),
};

/** A scheme in lower case; `undefined` when it is not one. */
export function schemeText(scheme: Scheme): string | undefined {
  if (scheme.tag !== 'other') return scheme.tag.toLowerCase();
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme.val) ? scheme.val.toLowerCase() : undefined;
}
