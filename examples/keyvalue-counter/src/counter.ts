import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft';
import { open } from 'wasi:keyvalue/store@0.2.0-draft';

addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  // Each path has a counter of its own. Visitors who come at the same time are all counted, whichever host they reach.
  const visits = increment(open('visits'), pathname, 1n);
  event.respondWith(new Response(`visit ${visits} of ${pathname}\n`));
});
