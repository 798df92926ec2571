import { type CallOptions, call } from './call.js';
import type { CloseReason } from './close-reason.js';
import { ClosedError } from './errors.js';
import { EventIterator, type EventsOptions, type Listen } from './event-iterator.js';
import {
  type DomainEventName,
  type DomainEvents,
  decodeClose,
  decodeEvent,
  decodeQmpEvent,
  domainEventNames,
  type QmpEvent,
} from './events.js';
import { LossWatch } from './loss-watch.js';
import type { NativeConnection } from './native-connection.js';
import type { NativeDomain } from './native-domain.js';
import type { NativeEvent } from './native-types.js';
import { type Subscription, wrapSubscription } from './subscription.js';

const defaultLimit = 1024;

interface Options extends CallOptions {
  readonly domain?: NativeDomain | undefined;
  readonly limit?: number | undefined;
  /** Called when the subscription was closed. */
  readonly closed?: (() => void) | undefined;
}

/** What listens to a connection, for its own methods and those of its domains. */
export class Watcher {
  readonly #native: NativeConnection;
  readonly #losses = new LossWatch((listener) => this.watchClose(listener, {}));

  constructor(native: NativeConnection) {
    this.#native = native;
  }

  async watchDomain<E extends DomainEventName>(
    event: E,
    listener: (event: DomainEvents[E]) => void,
    options: Options,
  ): Promise<Subscription> {
    checkEvent(event);
    return this.#watch(event, listener, (native) => decodeEvent(event, native), options);
  }

  async watchQmp(
    event: string | null,
    listener: (event: QmpEvent) => void,
    options: Options,
  ): Promise<Subscription> {
    const kind = event === null ? 'qmp' : `qmp:${event}`;
    return this.#watch(kind, listener, decodeQmpEvent, options);
  }

  async watchClose(
    listener: (reason: CloseReason) => void,
    options: CallOptions,
  ): Promise<Subscription> {
    return this.#watch('close', listener, decodeClose, options);
  }

  domainEvents<E extends DomainEventName>(
    event: E,
    options: EventsOptions & { readonly domain?: NativeDomain | undefined },
  ): EventIterator<DomainEvents[E]> {
    checkEvent(event);
    return this.#iterate(
      (listener, closed) => this.watchDomain(event, listener, { ...options, closed }),
      options,
    );
  }

  qmpEvents(
    event: string | null,
    options: EventsOptions & { readonly domain?: NativeDomain | undefined },
  ): EventIterator<QmpEvent> {
    return this.#iterate(
      (listener, closed) => this.watchQmp(event, listener, { ...options, closed }),
      options,
    );
  }

  #iterate<T>(
    watch: (listener: (event: T) => void, closed: () => void) => Promise<Subscription>,
    { signal, limit = defaultLimit }: EventsOptions,
  ): EventIterator<T> {
    const listen: Listen<T> = async (listener, fail) => {
      const closed = () => {
        this.#losses.leave(fail);
        fail(new ClosedError('the connection is closed'));
      };
      await this.#losses.join(fail);
      try {
        return await watch(listener, closed);
      } catch (error) {
        this.#losses.leave(fail);
        throw error;
      }
    };
    return new EventIterator(listen, signal, limit);
  }

  async #watch<T>(
    kind: string,
    listener: (event: T) => void,
    decode: (native: NativeEvent) => T,
    { domain, limit = defaultLimit, signal, closed }: Options,
  ): Promise<Subscription> {
    if (typeof listener !== 'function') throw new TypeError('listener must be a function');
    const subscription = await call(signal, (token) =>
      this.#native.watch(kind, domain ?? null, limit, token),
    );
    subscription.listen((event) => {
      if (event === null) closed?.();
      else listener(decode(event));
    });
    return wrapSubscription(subscription);
  }
}

function checkEvent(event: DomainEventName): void {
  if (domainEventNames.includes(event)) return;
  throw new RangeError(`event must be one of ${domainEventNames.join(', ')}, not ${event}`);
}
