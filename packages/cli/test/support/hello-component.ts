import { fixture } from '@lodge-internal/fixtures';

/** An HTTP component that answers every request with `text`, of eleven characters. */
export async function helloComponent(text: string): Promise<Uint8Array> {
  const bytes = Buffer.from(await fixture('lean'));
  // The answer stands in the component as a data segment, so that another text makes another component.
  const at = bytes.indexOf('hello world');
  if (at === -1 || text.length !== 11) throw new Error('the fixture has another answer, or the text another length');
  bytes.write(text, at);
  return new Uint8Array(bytes);
}
