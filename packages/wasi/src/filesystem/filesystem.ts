import type { InterfaceImports } from '@lodge/core';
import { type DeniedResource, deniedResource } from '../denied.js';
import type { IoError } from '../io/error.js';

const descriptorMethods = [
  'readViaStream',
  'writeViaStream',
  'appendViaStream',
  'advise',
  'syncData',
  'getFlags',
  'getType',
  'setSize',
  'setTimes',
  'read',
  'write',
  'readDirectory',
  'sync',
  'createDirectoryAt',
  'stat',
  'statAt',
  'setTimesAt',
  'linkAt',
  'openAt',
  'readlinkAt',
  'removeDirectoryAt',
  'renameAt',
  'symlinkAt',
  'unlinkFileAt',
  'isSameObject',
  'metadataHash',
  'metadataHashAt',
] as const;

/** The resource classes of `wasi:filesystem/types`. */
export interface FilesystemTypes extends InterfaceImports {
  readonly Descriptor: DeniedResource<(typeof descriptorMethods)[number]>;
  readonly DirectoryEntryStream: DeniedResource<'readDirectoryEntry'>;
  /** `filesystem-error-code: func(err: borrow<error>) -> option<error-code>` */
  filesystemErrorCode(error: IoError): undefined;
}

/** `wasi:filesystem/types`, denying. No guest gets a descriptor, so its methods are there to be linked only. */
export function filesystemTypes(): FilesystemTypes {
  return {
    Descriptor: deniedResource(descriptorMethods, 'access'),
    DirectoryEntryStream: deniedResource(['readDirectoryEntry'], 'access'),
    filesystemErrorCode: () => undefined,
  };
}

/** `wasi:filesystem/preopens` */
export interface Preopens extends InterfaceImports {
  /** `get-directories: func() -> list<tuple<descriptor, string>>` */
  getDirectories(): never[];
}

/** `wasi:filesystem/preopens` without any directory. */
export function preopens(): Preopens {
  return { getDirectories: () => [] };
}
