import { testEngine } from '@lodge-internal/engine-suite';
import { describe, test } from 'vitest';
import { differences } from '../differences.js';
import { jcoEngine } from '../src/index.js';

testEngine({ describe, test }, () => jcoEngine(), { differences, mutations: 100 });
