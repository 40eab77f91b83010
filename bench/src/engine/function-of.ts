import type { ComponentInstance, GuestFunction } from '@lodge/core';

/**
 * An exported function, or an exported resource's class.
 *
 * @param externName undefined: the world itself exports the function
 * @throws TypeError when the instance has none of that name
 */
export function functionOf(instance: ComponentInstance, externName: string | undefined, name: string): GuestFunction {
  const exported = instance.exports[externName ?? name];
  const member = typeof exported === 'object' ? exported[name] : exported;
  if (member === undefined) throw new TypeError(`the component does not export ${externName ?? ''} ${name}`);
  return member;
}
