import { defineLodgeConfig } from '@lodge-internal/tsup-config';

export default {
  ...defineLodgeConfig({ entry: { main: 'src/main.ts', config: 'src/config.ts' } }),
  // The command has no types that anybody could import.
  dts: { entry: { config: 'src/config.ts' } },
};
