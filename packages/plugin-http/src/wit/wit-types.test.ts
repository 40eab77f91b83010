import type * as ShimOutgoingHandler from '@bytecodealliance/preview2-shim/interfaces/wasi-http-outgoing-handler';
import type * as ShimTypes from '@bytecodealliance/preview2-shim/interfaces/wasi-http-types';
import type * as ShimError from '@bytecodealliance/preview2-shim/interfaces/wasi-io-error';
import type * as ShimPoll from '@bytecodealliance/preview2-shim/interfaces/wasi-io-poll';
import type * as ShimStreams from '@bytecodealliance/preview2-shim/interfaces/wasi-io-streams';
import type { InputStream, IoError, OutputStream, Pollable } from '@lodge/wasi/io';
import { expect, test } from 'vitest';
import type { Fields } from './fields.js';
import type { FutureIncomingResponse } from './future-incoming-response.js';
import type { FutureTrailers } from './future-trailers.js';
import type { IncomingBody } from './incoming-body.js';
import type { IncomingRequest } from './incoming-request.js';
import type { IncomingResponse } from './incoming-response.js';
import type { OutgoingBody } from './outgoing-body.js';
import type { OutgoingHandler } from './outgoing-handler.js';
import type { OutgoingRequest } from './outgoing-request.js';
import type { OutgoingResponse } from './outgoing-response.js';
import type { RequestOptions } from './request-options.js';
import type { ResponseOutparam } from './response-outparam.js';
import { httpTypes } from './types.js';

/** Resources of the generated types and ours. Types are compared by structure, so those with more members come first. */
type Resources = [
  [ShimStreams.InputStream, InputStream],
  [ShimStreams.OutputStream, OutputStream],
  [ShimPoll.Pollable, Pollable],
  [ShimError.Error, IoError],
  [ShimTypes.Fields, Fields],
  [ShimTypes.OutgoingRequest, OutgoingRequest],
  [ShimTypes.IncomingRequest, IncomingRequest],
  [ShimTypes.RequestOptions, RequestOptions],
  [ShimTypes.OutgoingResponse, OutgoingResponse],
  [ShimTypes.IncomingResponse, IncomingResponse],
  [ShimTypes.FutureTrailers, FutureTrailers],
  [ShimTypes.FutureIncomingResponse, FutureIncomingResponse],
  [ShimTypes.IncomingBody, IncomingBody],
  [ShimTypes.OutgoingBody, OutgoingBody],
];

type OurResource<T, Pairs = Resources> = Pairs extends [[infer Theirs, infer Own], ...infer Rest]
  ? T extends Theirs
    ? Own
    : OurResource<T, Rest>
  : never;

/** A generated type with our resources in it. */
type Ours<T> = T extends string | number | bigint | boolean | undefined | Uint8Array
  ? T
  : // `void`
    undefined extends T
    ? T
    : T extends readonly (infer Element)[]
      ? number extends T['length']
        ? Ours<Element>[]
        : { [Index in keyof T]: Ours<T[Index]> }
      : T extends { readonly tag: string }
        ? { [Key in keyof T]: Ours<T[Key]> }
        : // The one resource that has no methods.
          [keyof T] extends [never]
          ? ResponseOutparam
          : [OurResource<T>] extends [never]
            ? T
            : OurResource<T>;

type Served<F> = F extends (...args: infer Args) => infer Result
  ? (...args: { [Index in keyof Args]: Ours<Args[Index]> }) => Ours<Result>
  : never;

/** A class of the generated types as a host may serve it: its methods and static functions, and the constructor where guests have one. */
type ServedClass<Class extends { readonly prototype: unknown }> = {
  readonly prototype: { [Name in keyof Class['prototype']]: Served<Class['prototype'][Name]> } & Disposable;
} & { [Name in Exclude<keyof Class, 'prototype'>]: Served<Class[Name]> } & (Class extends new (
    ...args: infer Args
  ) => unknown
    ? new (
        ...args: { [Index in keyof Args]: Ours<Args[Index]> }
      ) => unknown
    : unknown);

type ServedInterface<Module> = {
  [Name in keyof Module]: Module[Name] extends { readonly prototype: unknown }
    ? ServedClass<Module[Name]>
    : Served<Module[Name]>;
};

/** Compiles only when both interfaces are as the generated types state them. */
function check(
  types: typeof httpTypes,
  handler: OutgoingHandler,
): [ServedInterface<typeof ShimTypes>, ServedInterface<typeof ShimOutgoingHandler>] {
  return [types, handler];
}

test('every class and function of the generated types is served', () => {
  expect(check).toBeTypeOf('function');
  expect(Object.keys(httpTypes)).toHaveLength(12);
});
