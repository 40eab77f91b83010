/** The JavaScript engine inside the component gives each request to this listener, as in a service worker. */
declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;

declare module 'wasmcloud:messaging/consumer@0.2.0' {
  export interface BrokerMessage {
    subject: string;
    body: Uint8Array;
    replyTo?: string;
  }
  export function request(subject: string, body: Uint8Array, timeoutMs: number): BrokerMessage;
  export function publish(message: BrokerMessage): void;
}
