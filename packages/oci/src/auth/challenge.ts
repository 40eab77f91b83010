/** What a registry asks for before it answers. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined };

const maxLength = 8192;
/** A scheme, or a parameter: `Bearer`, `realm="https://…"`, with what separates it from the next. */
const tokenPattern = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+)))?\s*,?\s*/y;

/** The challenge of a `www-authenticate` header that we can meet; bearer before basic. `undefined` when there is none. */
export function parseChallenge(header: string | readonly string[] | undefined): Challenge | undefined {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ');
  if (text.length > maxLength) return undefined;
  let scheme = '';
  let isBasic = false;
  const bearer = new Map<string, string>();
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match !== null; match = tokenPattern.exec(text)) {
    const [, name = '', quoted, bare] = match;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare;
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === 'bearer' && !bearer.has(name.toLowerCase())) bearer.set(name.toLowerCase(), value);
    isBasic ||= scheme === 'basic';
  }
  const realm = bearer.get('realm');
  if (realm !== undefined) return { scheme: 'bearer', realm, service: bearer.get('service') };
  return isBasic ? { scheme: 'basic' } : undefined;
}
