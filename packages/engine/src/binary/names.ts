import { invalid } from '../invalid.js';
import { quoted } from '../printable.js';

const label = '[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*';
const labelPattern = new RegExp(`^${label}$`);
const interfacePattern = new RegExp(`^${label}(?::${label})+(?:/${label})+(?:@[0-9A-Za-z.+-]+)?$`);
const plainPattern = new RegExp(
  `^(?:\\[constructor\\]${label}|(?:\\[method\\]|\\[static\\])${label}\\.${label}|${label})$`,
);
/** Far above any real name; a longer one is refused before it is copied into errors and tables. */
const maxNameLength = 4096;

/**
 * Checks an import or export name: a plain name, a `[method]`-style name, or an interface id. They become keys and property names, so
 * nothing else gets in.
 */
export function checkExternName(name: string): string {
  if (name.length > maxNameLength) throw invalid(`an import or export name has ${name.length} characters`);
  if (!plainPattern.test(name) && !interfacePattern.test(name)) {
    throw invalid(`${quoted(name)} is not a valid import or export name`);
  }
  return name;
}

/** Checks a field, case, flag or parameter name: words of letters and digits, joined by `-`. */
export function checkLabel(name: string): string {
  if (name.length > maxNameLength || !labelPattern.test(name)) {
    throw invalid(`${quoted(name)} is not a valid label`);
  }
  return name;
}

/** `name` in lowerCamelCase, as JavaScript spells WIT names: `get-random-bytes` is `getRandomBytes`. */
export function camelCase(name: string): string {
  const [first = '', ...others] = name.split('-');
  return first.toLowerCase() + others.map(capitalised).join('');
}

/** `name` in PascalCase, as JavaScript spells WIT resources: `input-stream` is `InputStream`. */
export function pascalCase(name: string): string {
  return name.split('-').map(capitalised).join('');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
