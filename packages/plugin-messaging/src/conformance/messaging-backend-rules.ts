import type { Rule } from '@lodge/plugin-conformance';
import { deliveryRules } from './rules/delivery.js';
import { endingRules } from './rules/endings.js';
import { groupRules } from './rules/groups.js';
import { requestRules } from './rules/requests.js';
import type { MessagingBackendSetup } from './setup.js';

/** Every rule that a messaging backend must keep. */
export const messagingBackendRules: readonly Rule<MessagingBackendSetup>[] = Object.freeze([
  ...deliveryRules,
  ...groupRules,
  ...requestRules,
  ...endingRules,
]);
