import { containerExists, createContainer, getContainer } from 'wasi:blobstore/blobstore@0.2.0-draft';
import type { Container } from 'wasi:blobstore/container@0.2.0-draft';
import { IncomingValue, OutgoingValue } from 'wasi:blobstore/types@0.2.0-draft';

/** As `lodge.config.ts` grants it. */
const containerName = 'pages';

/** WASI lets a stream take so many bytes in one blocking write. */
const maxWriteBytes = 4096;

/** Keeps the text of an entry. It is there, as a whole, once this returns. */
export function writePage(name: string, text: Uint8Array): void {
  const value = OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  openPages().writeData(name, value);
  for (let offset = 0; offset < text.length; offset += maxWriteBytes) {
    stream.blockingWriteAndFlush(text.subarray(offset, offset + maxWriteBytes));
  }
  stream[Symbol.dispose]();
  OutgoingValue.finish(value);
}

/** The text of an entry; nothing where there is none. */
export function readPage(name: string): string | undefined {
  const pages = openPages();
  if (!pages.hasObject(name)) return undefined;
  const text = IncomingValue.incomingValueConsumeSync(pages.getData(name, 0n, 0xffff_ffffn));
  return new TextDecoder().decode(text);
}

function openPages(): Container {
  return containerExists(containerName) ? getContainer(containerName) : createContainer(containerName);
}
