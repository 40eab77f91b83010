import type { IoError } from '@lodge/wasi/io';
import { type ErrorCode, HttpFailure } from './error-code.js';
import { Fields } from './fields.js';
import { FutureIncomingResponse } from './future-incoming-response.js';
import { FutureTrailers } from './future-trailers.js';
import { IncomingBody } from './incoming-body.js';
import { IncomingRequest } from './incoming-request.js';
import { IncomingResponse } from './incoming-response.js';
import { OutgoingBody } from './outgoing-body.js';
import { OutgoingRequest } from './outgoing-request.js';
import { OutgoingResponse } from './outgoing-response.js';
import { RequestOptions } from './request-options.js';
import { ResponseOutparam } from './response-outparam.js';

/** `wasi:http/types` 0.2: the same object for every component. */
export const httpTypes: {
  readonly httpErrorCode: typeof httpErrorCode;
  readonly Fields: typeof Fields;
  readonly FutureIncomingResponse: typeof FutureIncomingResponse;
  readonly FutureTrailers: typeof FutureTrailers;
  readonly IncomingBody: typeof IncomingBody;
  readonly IncomingRequest: typeof IncomingRequest;
  readonly IncomingResponse: typeof IncomingResponse;
  readonly OutgoingBody: typeof OutgoingBody;
  readonly OutgoingRequest: typeof OutgoingRequest;
  readonly OutgoingResponse: typeof OutgoingResponse;
  readonly RequestOptions: typeof RequestOptions;
  readonly ResponseOutparam: typeof ResponseOutparam;
} = Object.freeze({
  httpErrorCode,
  Fields,
  FutureIncomingResponse,
  FutureTrailers,
  IncomingBody,
  IncomingRequest,
  IncomingResponse,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse,
  RequestOptions,
  ResponseOutparam,
});

/** `http-error-code: func(err: borrow<io-error>) -> option<error-code>` */
function httpErrorCode(error: IoError): ErrorCode | undefined {
  return error.reason instanceof HttpFailure ? error.reason.code : undefined;
}
