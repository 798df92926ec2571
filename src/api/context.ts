import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { FunctionIdentity } from '../model/identity.js';
import type { InvocationService, TemplateService } from '../model/service.js';
import type { Activation, Store } from '../store/index.js';
import type { Metrics } from './metrics.js';

/** What the routes work with. */
export interface ApiContext {
  readonly service: InvocationService;
  readonly templates: TemplateService;
  readonly store: Store;
  /** Has snapshots made of the versions that are published. */
  readonly activation: Activation;
  readonly identity: FunctionIdentity;
  /** The runtimes that the guest image holds. */
  readonly runtimes: readonly string[];
  readonly metrics: Metrics;
}

/** A Fastify instance whose routes are typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
