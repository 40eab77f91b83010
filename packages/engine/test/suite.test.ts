import { lodgeEngine } from '@lodge/engine';
import { testEngine } from '@lodge-internal/engine-suite';
import { describe, test } from 'vitest';

testEngine({ describe, test }, () => lodgeEngine(), {
  mutations: 5000,
  differences: {
    'an object of another class is refused as an argument':
      'the engine takes any object as a resource of the host: plugins may subclass, wrap, or share classes across components',
  },
});
