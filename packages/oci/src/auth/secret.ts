import type { OciCredentials } from '../credentials.js';

/** How we prove who we are: a user's password, or a token that stands for the user and buys access tokens. */
export type Secret =
  | ({ readonly kind: 'password' } & OciCredentials)
  | { readonly kind: 'identity-token'; readonly token: string };

/** A user's password. */
export function passwordOf({ username, password }: OciCredentials): Secret {
  return { kind: 'password', username, password };
}

/** The `authorization` header of basic authentication. */
export function basicAuthorization({ username, password }: OciCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
