import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { FunctionIdentity } from '../model/identity.js';
import type { InvocationService } from '../model/service.js';
import type { Store } from '../store/index.js';

/** What the routes work with. */
export interface ApiContext {
  readonly service: InvocationService;
  readonly store: Store;
  readonly identity: FunctionIdentity;
  /** The runtimes that the guest image holds. */
  readonly runtimes: readonly string[];
}

/** A Fastify instance whose routes are typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
