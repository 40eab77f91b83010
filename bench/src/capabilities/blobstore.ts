import { blobstorePlugin } from '@lodge/plugin-blobstore';
import { natsBlobstore } from '@lodge/plugin-blobstore/nats';
import { wasi } from '@lodge/wasi';
import { Objm } from '@nats-io/obj';
import { connectBare } from './connect-bare.ts';
import { GuestHost } from './guest.ts';
import { pieceBytes, type SubjectTask, type Work, type Works } from './task.ts';

const bytesPerMb = 1_000_000;

/** What a subject can do with an object, one stream at a time. */
export async function blobstoreWorks({ subject, file, natsUrl }: SubjectTask): Promise<Works> {
  if (subject === 'bare client') return clientWorks(natsUrl ?? '');
  const backends = natsUrl === undefined ? undefined : [natsBlobstore({ url: natsUrl })];
  const host = new GuestHost([wasi(), blobstorePlugin(backends === undefined ? {} : { backends })]);
  await host.start();
  const interfaces = ['blobstore', 'container', 'types'];
  const hostInterfaces = [{ namespace: 'wasi', package: 'blobstore', interfaces }];
  const guest = await host.run({ name: 'blobstore', file, hostInterfaces, poolSize: 1 });
  const call = (operation: string): Work => again((pieces) => guest.call(operation, ['album', 'photo', pieces]));
  return { write: call('write'), read: call('read') };
}

async function clientWorks(url: string): Promise<Works> {
  const store = await new Objm(await connectBare(url)).create('bare-album');
  return {
    write: again((pieces) => store.put({ name: 'photo' }, streamOf(pieces))),
    read: again(async (pieces) => {
      const { data, error } = (await store.get('photo')) ?? {};
      if (data === undefined) throw new Error('the object is gone');
      let size = 0;
      for await (const chunk of data) size += chunk.length;
      const failure = await error;
      if (failure) throw failure;
      if (size !== pieces * pieceBytes) throw new Error(`the object has ${size} bytes`);
    }),
  };
}

/** One object after the other, in megabytes. */
function again(once: (pieces: number) => Promise<unknown>): Work {
  return async ({ count, isOver }) => {
    let done = 0;
    do {
      await once(count);
      done += (count * pieceBytes) / bytesPerMb;
    } while (!isOver());
    return done;
  };
}

function streamOf(pieces: number): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  let left = pieces;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
}
