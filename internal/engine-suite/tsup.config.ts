import { defineLodgeConfig } from '@lodge-internal/tsup-config';

// The fixtures find their sources beside their own package, so they stay outside of the bundle.
export default { ...defineLodgeConfig({ entry: { index: 'src/index.ts' } }), noExternal: [] };
