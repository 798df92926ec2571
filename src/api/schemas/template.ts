/** The schemas of templates. */
import { Type } from '@fastify/type-provider-typebox';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const TemplateParams = Type.Object({ runtime: Type.String({ maxLength: 64 }) });

export const Template = Type.Object({
  of: Type.String({ description: 'A runtime, or a function and its version.' }),
  kind: Type.Enum(['runtime', 'function']),
  state: Type.Enum(['building', 'ready', 'failed']),
  stage: OrNull(Type.String()),
  error: OrNull(Type.String()),
  key: OrNull(Type.String()),
  memoryMib: Type.Integer(),
  buildMs: OrNull(Type.Integer()),
  readyShells: Type.Integer(),
});

export const TemplateList = Type.Object({ templates: Type.Array(Template) });
