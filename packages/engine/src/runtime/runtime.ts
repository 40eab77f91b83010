import { WitError } from '@lodge/core';
import type { RuntimeName } from '../glue/generate.js';
import { checkCase, copyNumbers, copyString } from './copies.js';
import { isThenable, refusePromise, trap, wrongType } from './faults.js';
import { defineMembers, guestResource } from './guest-resource.js';
import { liftBytes, liftNumbers, listItems, lowerBytes, lowerNumbers } from './lists.js';
import { Memory } from './memory.js';
import {
  checkChar,
  f32ToI32,
  f64ToI64,
  i32ToF32,
  i64ToF64,
  liftChar,
  lowerBool,
  lowerChar,
  lowerS64,
  lowerU64,
} from './numbers.js';
import { objectOf, resourceOf, tagOf, tupleOf, witPayload } from './objects.js';
import { liftString, lowerString } from './strings.js';

/** What generated code is given. */
export const runtime: Readonly<Record<RuntimeName, unknown>> = {
  Memory,
  WitError,
  liftString,
  lowerString,
  copyString,
  copyNumbers,
  checkCase,
  checkChar,
  liftBytes,
  lowerBytes,
  liftNumbers,
  lowerNumbers,
  listItems,
  lowerBool,
  lowerU64,
  lowerS64,
  lowerChar,
  liftChar,
  f32ToI32,
  i32ToF32,
  f64ToI64,
  i64ToF64,
  trap,
  wrongType,
  isThenable,
  refusePromise,
  objectOf,
  tagOf,
  tupleOf,
  resourceOf,
  witPayload,
  guestResource,
  defineMembers,
};
