/** The textual name of a WIT interface: `namespace:package/interface`, with `@version` where it has one. */
export type InterfaceId = `${string}:${string}/${string}`;

/** One interface, or several of one package, in parts. */
export interface ParsedInterfaceId {
  readonly namespace: string;
  readonly package: string;
  /** At least one. */
  readonly interfaces: readonly string[];
  readonly version: string | undefined;
}

/** A longer text is no interface id, so that hostile names cost nothing. */
const maxLength = 1024;
// WIT kebab-case: words of one case, each beginning with a letter; digits may begin later words of registry names.
const word = '(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)';
const label = `${word}(?:-(?:[a-z0-9]+|[A-Z0-9]+))*`;
const versionPattern =
  /^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const idPattern = new RegExp(`^(${label}(?::${label})*):(${label}(?:/${label})*)/(${label}(?:,${label})*)(?:@(.+))?$`);
const labelPattern = new RegExp(`^${label}$`);

/**
 * Reads `namespace:package/interface[,interface…][@version]`. Answers `undefined` for any other text, whatever it is and however
 * long: names come from hostile components.
 */
export function parseInterfaceId(text: string): ParsedInterfaceId | undefined {
  if (text.length > maxLength) return undefined;
  const match = idPattern.exec(text);
  if (match === null) return undefined;
  const [, namespace, packageName, interfaces, version] = match;
  if (namespace === undefined || packageName === undefined || interfaces === undefined) return undefined;
  if (version !== undefined && !versionPattern.test(version)) return undefined;
  return { namespace, package: packageName, interfaces: [...new Set(interfaces.split(','))], version };
}

/** Writes what {@link parseInterfaceId} reads. */
export function formatInterfaceId(
  id: Omit<ParsedInterfaceId, 'version'> & { readonly version?: string | undefined },
): InterfaceId {
  const version = id.version === undefined ? '' : `@${id.version}`;
  return `${id.namespace}:${id.package}/${id.interfaces.join(',')}${version}`;
}

/** Whether `text` names an interface. */
export function isInterfaceId(text: string): text is InterfaceId {
  return parseInterfaceId(text) !== undefined;
}

/** Whether `text` is a WIT name such as `incoming-handler`. */
export function isWitName(text: string): boolean {
  return text.length <= maxLength && labelPattern.test(text);
}

/** Whether `text` is a semantic version. */
export function isVersion(text: string): boolean {
  return text.length <= maxLength && versionPattern.test(text);
}

/**
 * Whether an interface of version `offered` may serve a request for `wanted`: an equal major version, below 1 an equal
 * `0.minor`, below 0.1 and for drafts and pre-releases the very same text. Unset on either side matches any.
 */
export function matchesVersion(wanted: string | undefined, offered: string | undefined): boolean {
  if (wanted === undefined || offered === undefined || wanted === offered) return true;
  const track = compatibilityTrack(wanted);
  return track !== undefined && track === compatibilityTrack(offered);
}

/** Whether the two name one interface, or have one in common, in versions that match. */
export function matchesInterface(wanted: ParsedInterfaceId, offered: ParsedInterfaceId): boolean {
  return (
    wanted.namespace === offered.namespace &&
    wanted.package === offered.package &&
    wanted.interfaces.some((name) => offered.interfaces.includes(name)) &&
    matchesVersion(wanted.version, offered.version)
  );
}

/** What compatible versions have in common: `1`, `0.2`; nothing for a version that matches itself alone. */
export function compatibilityTrack(version: string): string | undefined {
  const match = versionPattern.exec(version);
  if (match === null || match[4] !== undefined) return undefined;
  const [, major, minor] = match;
  if (major !== '0') return major;
  return minor === '0' ? undefined : `0.${minor}`;
}
