/** A user of a registry. A token of a registry that takes one goes into `password`. */
export interface OciCredentials {
  readonly username: string;
  readonly password: string;
}
