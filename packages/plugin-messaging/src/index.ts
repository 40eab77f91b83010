export type {
  DeliveryOutcome,
  Message,
  MessagingBackend,
  MessagingSession,
  MessagingSupport,
  OpenOptions,
  RequestOptions,
  SendOptions,
  SubscribeOptions,
  Subscription,
} from './backend.js';
export { MessagingFailure, type MessagingFailureKind } from './messaging-failure.js';
export {
  type MessagingPlugin,
  type MessagingPluginOptions,
  type MessagingWorkload,
  messagingPlugin,
} from './plugin.js';
export { isPattern, isSubject, matchesPattern } from './subjects.js';
export type { BrokerMessage, Consumer } from './wit/consumer.js';
