import { getDomain } from 'tldts';
import { OciError } from '../oci-error.js';

/**
 * Whether a token service may get credentials for a registry: it is the same host, belongs to the same site (registrable domain: `auth.docker.io` to
 * `registry-1.docker.io`), or is one that the user trusts.
 *
 * @param trusted Hosts, in lower case.
 */
export function mayHaveCredentials(realm: URL, registry: URL, trusted: ReadonlySet<string>): boolean {
  if (realm.hostname === registry.hostname || trusted.has(realm.host) || trusted.has(realm.hostname)) return true;
  const site = siteOf(realm);
  return site !== null && site === siteOf(registry);
}

/** The error of a token service that may not get them. */
export function untrustedRealm(realm: URL, registry: URL): OciError {
  return new OciError(
    'ERR_REALM_UNTRUSTED',
    `${registry.origin} wants the credentials sent to ${realm.origin}, which is another site: if that is right, name ${realm.host} in tokenRealms.`,
    { details: { realm: realm.origin, registry: registry.origin } },
  );
}

function siteOf({ hostname }: URL): string | null {
  // Private suffixes count, so that two tenants of one provider are two sites. An address has none.
  return getDomain(hostname, { allowPrivateDomains: true });
}
