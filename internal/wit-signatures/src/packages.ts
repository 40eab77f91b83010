/** Folders of the packages that have a `wit/` folder and state signatures. */
export const witPackages: readonly string[] = [
  'wasi',
  'plugin-http',
  'plugin-keyvalue',
  'plugin-blobstore',
  'plugin-config',
  'plugin-logging',
  'plugin-messaging',
];
