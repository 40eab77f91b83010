import { lodgeEngine } from '@lodge/engine';
import { testEngine } from '@lodge-internal/engine-suite';
import { describe, test } from 'vitest';

testEngine({ describe, test }, () => lodgeEngine(), { mutations: 5000 });
