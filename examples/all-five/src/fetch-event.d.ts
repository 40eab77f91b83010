/** The JavaScript engine inside the component gives each request to this listener, as in a service worker. */
declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
