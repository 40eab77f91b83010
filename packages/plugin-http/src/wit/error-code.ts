import { WitError } from '@lodge/core';

/** `record DNS-error-payload` */
export interface DnsErrorPayload {
  readonly rcode?: string;
  readonly infoCode?: number;
}

/** `record TLS-alert-received-payload` */
export interface TlsAlertReceivedPayload {
  readonly alertId?: number;
  readonly alertMessage?: string;
}

/** `record field-size-payload` */
export interface FieldSizePayload {
  readonly fieldName?: string;
  /** Bytes. */
  readonly fieldSize?: number;
}

/** The cases of `variant error-code` that carry nothing. */
export type PlainErrorCode =
  | 'DNS-timeout'
  | 'destination-not-found'
  | 'destination-unavailable'
  | 'destination-IP-prohibited'
  | 'destination-IP-unroutable'
  | 'connection-refused'
  | 'connection-terminated'
  | 'connection-timeout'
  | 'connection-read-timeout'
  | 'connection-write-timeout'
  | 'connection-limit-reached'
  | 'TLS-protocol-error'
  | 'TLS-certificate-error'
  | 'HTTP-request-denied'
  | 'HTTP-request-length-required'
  | 'HTTP-request-method-invalid'
  | 'HTTP-request-URI-invalid'
  | 'HTTP-request-URI-too-long'
  | 'HTTP-response-incomplete'
  | 'HTTP-response-timeout'
  | 'HTTP-upgrade-failed'
  | 'HTTP-protocol-error'
  | 'loop-detected'
  | 'configuration-error';

/** `variant error-code` of `wasi:http/types` 0.2. */
export type ErrorCode =
  | { readonly tag: PlainErrorCode; readonly val?: undefined }
  | { readonly tag: 'DNS-error'; readonly val: DnsErrorPayload }
  | { readonly tag: 'TLS-alert-received'; readonly val: TlsAlertReceivedPayload }
  | { readonly tag: 'HTTP-request-body-size' | 'HTTP-response-body-size'; readonly val: bigint | undefined }
  | {
      readonly tag:
        | 'HTTP-request-header-section-size'
        | 'HTTP-request-trailer-section-size'
        | 'HTTP-response-header-section-size'
        | 'HTTP-response-trailer-section-size';
      readonly val: number | undefined;
    }
  | { readonly tag: 'HTTP-request-header-size'; readonly val: FieldSizePayload | undefined }
  | {
      readonly tag: 'HTTP-request-trailer-size' | 'HTTP-response-header-size' | 'HTTP-response-trailer-size';
      readonly val: FieldSizePayload;
    }
  | {
      readonly tag: 'HTTP-response-transfer-coding' | 'HTTP-response-content-coding' | 'internal-error';
      readonly val: string | undefined;
    };

/** Why a message failed. As the `reason` of a stream's failure it is what `http-error-code` tells. */
export class HttpFailure extends Error {
  override readonly name: string = 'HttpFailure';
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`the HTTP message failed: ${code.tag}`);
    this.code = code;
  }
}

/** A case without a payload. */
export function errorCode(tag: PlainErrorCode): ErrorCode {
  return { tag };
}

/** `err(code)` for a guest. */
export function httpError(code: ErrorCode): WitError<ErrorCode> {
  return new WitError(code);
}

/** The `err` of a WIT `result` that carries nothing. */
export function plainError(message: string): WitError<undefined> {
  return new WitError(undefined, message);
}
