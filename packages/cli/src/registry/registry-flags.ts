import type { OptionSpec } from '../command.js';

/** How `lodge push` and `lodge pull` reach a registry. Names as with `wash oci`. */
export const registryFlags: Readonly<Record<string, OptionSpec>> = {
  insecure: { isBoolean: true, about: 'plain HTTP instead of HTTPS' },
  user: {
    short: 'u',
    value: '<name>',
    about: 'of the registry (also: LODGE_REGISTRY_USER; default: what docker login has)',
  },
  password: {
    short: 'p',
    value: '<password>',
    about: 'others may see it in the list of processes: rather one of the next',
  },
  'password-file': {
    value: '<file>',
    about: 'file with the password (also: LODGE_REGISTRY_PASSWORD, the password itself)',
  },
  'ca-path': {
    value: '<file>',
    isMultiple: true,
    about: 'PEM certificates to trust besides; repeatable (also: WASH_OCI_CA_PATHS)',
  },
  timeout: { value: '<time>', about: 'for the whole transfer (default: 5m)' },
};
