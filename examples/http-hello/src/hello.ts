addEventListener('fetch', (event) => {
  const { searchParams } = new URL(event.request.url);
  event.respondWith(new Response(`Hello, ${searchParams.get('name') ?? 'world'}!\n`));
});
