import { defineLodgeConfig } from '@lodge-internal/tsup-config';

export default defineLodgeConfig({
  entry: {
    index: 'src/index.ts',
    'in-memory': 'src/in-memory/index.ts',
    nats: 'src/nats/index.ts',
    conformance: 'src/conformance/index.ts',
  },
});
