import type { HookOptions } from '@lodge/core';
import type { Rule } from '@lodge/plugin-conformance';
import { testBrokenSetups } from '@lodge-internal/conformance';
import { test } from 'vitest';
import type {
  DeliveryOutcome,
  Message,
  MessagingBackend,
  MessagingSession,
  MessagingSupport,
  RequestOptions,
  SubscribeOptions,
  Subscription,
} from '../backend.js';
import { inMemoryMessaging } from '../in-memory/backend.js';
import { MessagingFailure } from '../messaging-failure.js';
import { messagingBackendRules } from './messaging-backend-rules.js';
import type { MessagingBackendSetup } from './setup.js';

type Session = { -readonly [Name in keyof MessagingSession]: MessagingSession[Name] };
type Counted = MessagingBackend & { readonly held: number };

const inMemorySupport: MessagingSupport = { redelivery: false, requests: true };

/** The in-memory backend with something broken in each of its sessions. */
function broken(change: (session: Session) => void): () => Counted {
  return () => {
    const backend = inMemoryMessaging({ maxPayload: 65_536 });
    return {
      ...backend,
      get held() {
        return backend.held;
      },
      async open(options, hook) {
        const real = await backend.open(options, hook);
        const session: Session = {
          supports: real.supports,
          publish: (message, send) => real.publish(message, send),
          request: (request) => real.request(request),
          subscribe: (subscribe, how) => real.subscribe(subscribe, how),
          close: (how) => real.close(how),
        };
        change(session);
        return session;
      },
    };
  };
}

function changed(change: (backend: Counted) => object): () => Counted {
  return () => {
    const backend = inMemoryMessaging({ maxPayload: 65_536 });
    const copy = { ...backend };
    Object.defineProperty(copy, 'held', { get: () => backend.held });
    return Object.assign(copy, change(backend));
  };
}

function onPublish(change: (message: Message) => Message): (session: Session) => void {
  return (session) => {
    const { publish } = session;
    session.publish = (message, send) => publish(change(message), send);
  };
}

function onSubscribe(change: (options: SubscribeOptions) => SubscribeOptions): (session: Session) => void {
  return (session) => {
    const { subscribe } = session;
    session.subscribe = (options, hook) => subscribe(change(options), hook);
  };
}

function onReceive(change: (message: Message) => Message): (session: Session) => void {
  return onSubscribe((options) => ({ ...options, receive: (message) => options.receive(change(message)) }));
}

const never = new Promise<never>(() => {});

/** Redelivers, and bounds what is in work, as a broker with streams does: right, or wrong in one way. */
function redelivering(fault: 'none' | 'once' | 'twice' | 'unbounded'): () => Counted {
  return broken((session) => {
    const { subscribe } = session;
    Object.assign(session, { supports: { redelivery: true, requests: true } });
    session.subscribe = (options, hook) => {
      const queue: Message[] = [];
      const seen = new Set<Message>();
      let running = 0;
      const pump = (): void => {
        while (queue.length > 0 && (running < options.maxInFlight || fault === 'unbounded')) {
          const message = queue.shift();
          if (message === undefined) return;
          running++;
          void options.receive(message).then((outcome) => {
            running--;
            const isDone = outcome === 'handled' || outcome === 'refused' || fault === 'once';
            if (!isDone || (fault === 'twice' && !seen.has(message))) queue.unshift(message);
            if (isDone) seen.add(message);
            setImmediate(pump);
          });
        }
      };
      const receive = async (message: Message): Promise<DeliveryOutcome> => {
        queue.push(message);
        pump();
        return 'handled';
      };
      return subscribe({ ...options, receive }, hook);
    };
  });
}

/** Bodies that a broken backend hands on as they are. */
const shared = new Map<string, Uint8Array>();

/** For each rule, backends that break it. */
const faults: Readonly<Record<string, readonly (() => Counted)[]>> = {
  'has a name that a manifest can say': [changed(() => ({ name: 'In Memory' })), changed(() => ({ name: '' }))],
  'supports what the setup says': [
    broken((session) => {
      session.supports = { redelivery: true, requests: true };
    }),
  ],
  'delivers what is published as soon as subscribe has returned': [
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = async (options, hook) => {
        const late = new Promise<void>((resolve) => setImmediate(resolve)).then(() => subscribe(options, hook));
        return { stop: () => void late.then((subscription) => subscription.stop()) };
      };
    }),
  ],
  'delivers between sessions': [
    () => {
      const backend = broken(() => {})();
      return {
        ...backend,
        held: 0,
        // A broker for each session.
        open: (options, hook) => inMemoryMessaging().open(options, hook),
      };
    },
  ],
  'keeps subject, body and reply subject': [
    broken(onPublish((message) => ({ ...message, replyTo: undefined }))),
    broken(onPublish((message) => ({ ...message, subject: message.subject.normalize('NFD') }))),
    broken(onReceive((message) => ({ ...message, body: message.body.map((byte) => byte & 0x7f) }))),
    broken(onReceive((message) => ({ ...message, replyTo: message.replyTo ?? '' }))),
  ],
  'gives each its own copy of the body': [
    broken((session) => {
      const { publish, subscribe } = session;
      session.publish = (message, send) => {
        shared.set(message.subject, message.body);
        return publish(message, send);
      };
      session.subscribe = (options, hook) =>
        subscribe(
          {
            ...options,
            receive: (message) => options.receive({ ...message, body: shared.get(message.subject) ?? message.body }),
          },
          hook,
        );
    }),
  ],
  'keeps the order of one sender': [
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = (options, hook) => {
        const held: Message[] = [];
        const receive = async (message: Message): Promise<DeliveryOutcome> => {
          held.push(message);
          if (held.length === 2) for (const one of held.splice(0).reverse()) void options.receive(one);
          return 'handled';
        };
        return subscribe({ ...options, receive }, hook);
      };
    }),
  ],
  'matches subjects token by token': [
    broken(onSubscribe((options) => ({ ...options, subjects: options.subjects.map((one) => one.replace('*', '>')) }))),
    broken(onSubscribe((options) => ({ ...options, subjects: ['conformance.>'] }))),
    broken(onSubscribe((options) => ({ ...options, subjects: options.subjects.map((one) => one.replace('>', '*')) }))),
  ],
  'takes a message that nobody listens to': [
    broken((session) => {
      const { publish } = session;
      session.publish = async (message, send) => {
        await publish(message, send);
        if (message.subject === 'conformance.nobody') throw new MessagingFailure('no-responders', 'nobody');
      };
    }),
  ],
  'takes the largest message and refuses a larger one': [
    changed(() => ({ open: inMemoryMessaging({ maxPayload: 1_000 }).open })),
    changed(() => ({ open: inMemoryMessaging({ maxPayload: 1_000_000 }).open })),
    broken((session) => {
      const { publish } = session;
      session.publish = (message, send) =>
        publish(message, send).catch(() => {
          throw new Error('some text');
        });
    }),
  ],
  'goes on after a message that was not handled': [
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = async (options, hook) => {
        const receive = async (message: Message): Promise<DeliveryOutcome> => {
          const outcome = await options.receive(message);
          if (outcome === 'failed') (await made).stop();
          return outcome;
        };
        const made = subscribe({ ...options, receive }, hook);
        return made;
      };
    }),
  ],
  'brings a message again until it is handled': [redelivering('once'), redelivering('twice')],
  'holds back what a subscription has no room for': [redelivering('unbounded')],
  'gives each message to one of a group, and to each group': [
    broken(onSubscribe((options) => ({ ...options, group: undefined }))),
    broken(onSubscribe((options) => ({ ...options, group: options.group && 'everybody' }))),
  ],
  'gives each message to all that are in no group': [
    broken(onSubscribe((options) => ({ ...options, group: options.group ?? 'everybody' }))),
  ],
  'delivers once what several subjects of a subscription match, without a group': [onceForEachSubject()],
  'delivers once what several subjects of a subscription match, in a group': [onceForEachSubject()],
  'hands the messages of a member that has left to the others': [
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = async (options, hook) => {
        await subscribe(options, hook);
        return { stop() {} };
      };
    }),
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = async (options, hook) => {
        let isStopped = false;
        const receive = async (message: Message): Promise<DeliveryOutcome> =>
          isStopped ? 'handled' : options.receive(message);
        await subscribe({ ...options, receive }, hook);
        return {
          stop: () => {
            isStopped = true;
          },
        };
      };
    }),
  ],
  'answers a request with the reply': [
    broken((session) => {
      const { request } = session;
      let first: Promise<Message> | undefined;
      session.request = (options) => {
        first ??= request(options);
        return first;
      };
    }),
  ],
  'answers with the first reply only': [
    broken((session) => {
      const { request } = session;
      const old: Message[] = [];
      session.request = async (options) => {
        old.push(await request(options));
        return old[Math.max(0, old.length - 2)] ?? never;
      };
    }),
  ],
  'gives the reply a subject that nobody can guess': [
    broken(onReceive((message) => (message.replyTo === undefined ? message : { ...message, replyTo: '_INBOX.1' }))),
  ],
  'fails at once when nobody listens': [
    broken((session) => {
      const { request } = session;
      session.request = (options) =>
        request(options).catch(() => {
          throw new MessagingFailure('timeout', 'no reply');
        });
    }),
  ],
  'fails when the time is over, and lets go of the request': [
    broken((session) => {
      const { request } = session;
      session.request = (options) => request({ ...options, timeoutMs: 60_000 });
    }),
    leaking((options) => options.timeoutMs < 100),
  ],
  'gives up a request whose signal aborts, and lets go of it': [
    broken((session) => {
      const { request } = session;
      const { signal } = new AbortController();
      session.request = (options) => request({ ...options, signal });
    }),
    leaking((options) => options.timeoutMs > 10_000),
  ],
  'fails the requests of a session that is closed': [
    broken((session) => {
      session.close = async () => {};
    }),
  ],
  'delivers nothing to a subscription that was stopped, twice': [
    broken((session) => {
      const { subscribe } = session;
      session.subscribe = async (options, hook) => {
        await subscribe(options, hook);
        return { stop() {} };
      };
    }),
    broken((session) => {
      const { subscribe } = session;
      const made: Subscription[] = [];
      session.subscribe = async (options, hook) => {
        made.push(await subscribe(options, hook));
        return {
          stop: () => {
            for (const one of made) one.stop();
          },
        };
      };
    }),
  ],
  'closes a session with all that it holds, twice, and no other': [
    broken((session) => {
      session.close = async () => {};
    }),
    broken((session) => {
      const { close } = session;
      let isClosed = false;
      session.close = async (hook) => {
        if (isClosed) throw new Error('closed already');
        isClosed = true;
        await close(hook);
      };
    }),
  ],
  'refuses whatever is asked of a closed session': [reopening('publish'), reopening('request'), reopening('subscribe')],
  'gives up what is begun under a signal that has aborted': [
    ignoring('publish'),
    ignoring('subscribe'),
    changed((backend) => ({
      open: (options: Parameters<MessagingBackend['open']>[0]) =>
        backend.open(options, { signal: new AbortController().signal }),
    })),
  ],
  'closes under a signal that has aborted': [
    broken((session) => {
      const { close } = session;
      session.close = async (hook) => {
        if (hook.signal.aborted) return;
        await close(hook);
      };
    }),
    broken((session) => {
      const { close } = session;
      session.close = async (hook) => {
        if (hook.signal.aborted) await never;
        await close(hook);
      };
    }),
  ],
  'opens nothing after the stop, which may come twice': [
    changed(() => ({ async stop() {} })),
    changed((backend) => {
      let isStopped = false;
      return {
        async stop(hook: HookOptions) {
          if (isStopped) throw new Error('stopped already');
          isStopped = true;
          await backend.stop?.(hook);
        },
      };
    }),
  ],
};

function onceForEachSubject(): () => Counted {
  return broken((session) => {
    const { subscribe } = session;
    session.subscribe = async (options, hook) => {
      const made: Subscription[] = [];
      for (const [index, subject] of options.subjects.entries()) {
        const group = options.group && `${options.group}-${index}`;
        made.push(await subscribe({ ...options, group, subjects: [subject] }, hook));
      }
      return {
        stop: () => {
          for (const one of made) one.stop();
        },
      };
    };
  });
}

function leaking(isLeaking: (options: RequestOptions) => boolean): () => Counted {
  return () => {
    let leaks = 0;
    const backend = broken((session) => {
      const { request } = session;
      session.request = async (options) => {
        if (isLeaking(options)) leaks++;
        return request(options);
      };
    })();
    const copy = { ...backend };
    Object.defineProperty(copy, 'held', { get: () => backend.held + leaks });
    return copy;
  };
}

function reopening(operation: 'publish' | 'request' | 'subscribe'): () => Counted {
  return broken((session) => {
    const { close } = session;
    session.close = async (hook) => {
      await close(hook);
      const replacement = { publish: async () => {}, request: () => never, subscribe: async () => ({ stop() {} }) };
      Object.assign(session, { [operation]: replacement[operation] });
    };
  });
}

function ignoring(operation: 'publish' | 'subscribe'): () => Counted {
  return broken((session) => {
    const { publish, subscribe } = session;
    const { signal } = new AbortController();
    if (operation === 'publish') session.publish = (message) => publish(message, { signal });
    else session.subscribe = (options) => subscribe(options, { signal });
  });
}

function setupOf(create: () => Counted, supports = inMemorySupport, patienceMs = 5_000): MessagingBackendSetup {
  return { create, supports, maxPayload: 65_536, patienceMs, held: (backend) => (backend as Counted).held };
}

/** Rules about redelivery have a backend of their own, since the one in memory has none. */
function needsRedelivery(rule: Rule<MessagingBackendSetup>): boolean {
  return rule.skipReason?.(setupOf(redelivering('none'), inMemorySupport)) !== undefined;
}

function supportFor(rule: Rule<MessagingBackendSetup>): MessagingSupport {
  return needsRedelivery(rule) ? { redelivery: true, requests: true } : inMemorySupport;
}

test.each([...messagingBackendRules])('the rule that a backend $name holds for a sound one', async (rule) => {
  const sound = needsRedelivery(rule) ? redelivering('none') : () => inMemoryMessaging({ maxPayload: 65_536 });
  await rule.check(setupOf(sound, supportFor(rule)));
});

testBrokenSetups({ test }, messagingBackendRules, {
  faults,
  // A fault that shows as silence takes all the patience there is.
  setupWith: (create, rule) => setupOf(create, supportFor(rule), 150),
});
