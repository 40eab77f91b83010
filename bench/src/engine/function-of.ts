import type { ComponentInstance, GuestFunction } from '@lodge/core';

/**
 * An exported function, or an exported resource's class.
 *
 * @throws TypeError when the instance has none of that name
 */
export function functionOf(instance: ComponentInstance, externName: string, name: string): GuestFunction {
  const exported = instance.exports[externName];
  const member = typeof exported === 'object' ? exported[name] : undefined;
  if (member === undefined) throw new TypeError(`the component does not export ${externName} ${name}`);
  return member;
}
