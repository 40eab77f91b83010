import { defineLodgeConfig } from '@lodge-internal/tsup-config';

export default defineLodgeConfig({ entry: { index: 'src/index.ts' } });
