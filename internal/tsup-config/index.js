/**
 * The one place that knows how a package is built.
 *
 * @type {typeof import('./index.d.ts').defineLodgeConfig}
 */
export function defineLodgeConfig({ entry, dts = true }) {
  return {
    entry,
    format: 'esm',
    target: 'node24',
    platform: 'node',
    dts: dts && { resolve: [/^@lodge-internal\//] },
    // Shared chunks keep one copy of each class across the subpaths of a package.
    splitting: true,
    sourcemap: true,
    treeshake: true,
    clean: true,
    // Private packages are never installed by anyone, so they travel inside the package that uses them.
    noExternal: [/^@lodge-internal\//],
  };
}
