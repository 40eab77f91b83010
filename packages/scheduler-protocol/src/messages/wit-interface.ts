import { listOf, textMap } from '../protojson/containers.js';
import { type MessageType, message } from '../protojson/message-type.js';
import { string } from '../protojson/scalars.js';

/** Interfaces of one WIT package, and how they are configured: `wasi:http/incoming-handler@0.2.0` in parts. */
export interface WitInterface {
  readonly namespace: string;
  readonly package: string;
  /** Empty: any. */
  readonly version: string;
  readonly interfaces: readonly string[];
  readonly config: Readonly<Record<string, string>>;
  /** Routes the imports labelled with this name here. Empty: the default entry. */
  readonly name: string;
}

/** {@link WitInterface} on the wire. */
export const witInterface: MessageType<WitInterface> = message<WitInterface>('WitInterface', {
  namespace: string,
  package: string,
  version: string,
  interfaces: listOf(string),
  config: textMap,
  name: string,
});
