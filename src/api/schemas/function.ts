/** The shapes of the Lambda API's function operations. */
import { type Static, Type } from '@fastify/type-provider-typebox';
import { limits } from '../../model/limits.js';

const strict = { additionalProperties: false } as const;

const wholeMib = (minimum: number, maximum: number, what: string) =>
  Type.Integer({
    minimum,
    maximum,
    description: `${what} in MiB: a whole number from ${minimum} to ${maximum}.`,
  });

/** What both creation and an update of the configuration may set. */
const settings = {
  Runtime: Type.String({ description: 'One of the runtimes that GET /v1/host lists.' }),
  Handler: Type.String({
    pattern: '^[^\\s]{1,128}$',
    description: 'The entry point, such as index.handler: 1 to 128 characters without spaces.',
  }),
  Role: Type.String({
    minLength: 1,
    maxLength: 512,
    description: 'Kept for the clients that ask for it, and not used: 1 to 512 characters.',
  }),
  Description: Type.String({ maxLength: 256, description: 'At most 256 characters.' }),
  MemorySize: wholeMib(limits.minMemoryMib, limits.maxMemoryMib, 'The memory'),
  Timeout: Type.Integer({
    minimum: 1,
    maximum: limits.maxTimeoutSeconds,
    description: `In seconds: a whole number from 1 to ${limits.maxTimeoutSeconds}.`,
  }),
  EphemeralStorage: Type.Object(
    { Size: wholeMib(limits.minEphemeralMib, limits.maxEphemeralMib, 'The size of /tmp') },
    strict,
  ),
  Environment: Type.Object(
    {
      Variables: Type.Optional(
        Type.Record(Type.String(), Type.String(), {
          description: 'Names and values, both strings.',
        }),
      ),
    },
    strict,
  ),
  SnapStart: Type.Object(
    {
      ApplyOn: Type.Optional(
        Type.Enum(['PublishedVersions', 'None'], {
          description: 'PublishedVersions or None: what starts from a snapshot.',
        }),
      ),
    },
    strict,
  ),
};

const ZipFile = Type.String({
  description: `The zip of the code in base64, at most ${limits.maxZipBytes} bytes of it.`,
});
const functionNameHint = "A name of 1 to 64 letters, digits, '-' and '_', or an ARN.";
const Publish = Type.Boolean({ description: 'Publish what comes of it as a version.' });
const RevisionId = Type.String({ description: 'Refuse the change if this is not the latest.' });

const optionalSettings = {
  Runtime: Type.Optional(settings.Runtime),
  Handler: Type.Optional(settings.Handler),
  Role: Type.Optional(settings.Role),
  Description: Type.Optional(settings.Description),
  MemorySize: Type.Optional(settings.MemorySize),
  Timeout: Type.Optional(settings.Timeout),
  EphemeralStorage: Type.Optional(settings.EphemeralStorage),
  Environment: Type.Optional(settings.Environment),
  SnapStart: Type.Optional(settings.SnapStart),
};

export const CreateFunctionBody = Type.Object(
  {
    ...optionalSettings,
    FunctionName: Type.String({ description: functionNameHint }),
    Code: Type.Object({ ZipFile }, strict),
    Runtime: settings.Runtime,
    Handler: settings.Handler,
    Publish: Type.Optional(Publish),
  },
  strict,
);
export type CreateFunctionBody = Static<typeof CreateFunctionBody>;

export const UpdateConfigurationBody = Type.Object(
  { ...optionalSettings, RevisionId: Type.Optional(RevisionId) },
  strict,
);
export type UpdateConfigurationBody = Static<typeof UpdateConfigurationBody>;

export const UpdateCodeBody = Type.Object(
  {
    ZipFile,
    RevisionId: Type.Optional(RevisionId),
    DryRun: Type.Optional(Type.Boolean({ description: 'Check only, and change nothing.' })),
    Publish: Type.Optional(Publish),
  },
  strict,
);

export const PublishVersionBody = Type.Object(
  {
    CodeSha256: Type.Optional(
      Type.String({ description: 'Refuse to publish other code: SHA-256 of the zip, in base64.' }),
    ),
    Description: Type.Optional(
      Type.String({ maxLength: 256, description: 'Of the version: at most 256 characters.' }),
    ),
    RevisionId: Type.Optional(RevisionId),
  },
  strict,
);

export const FunctionParams = Type.Object({
  functionName: Type.String({ description: functionNameHint }),
});

const qualifierHint = 'The version: $LATEST, or the number of one that was published.';
export const QualifierQuery = Type.Object({
  Qualifier: Type.Optional(Type.String({ description: qualifierHint })),
});

/** A page has so many items at the most. */
export const maxPageItems = 50;

const pageQuery = {
  Marker: Type.Optional(Type.String({ description: 'The NextMarker of the page before.' })),
  MaxItems: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: `A whole number from 1 to 10000; a page has ${maxPageItems} at the most.`,
    }),
  ),
};

export const PageQuery = Type.Object(pageQuery);

export const ListQuery = Type.Object({
  ...pageQuery,
  FunctionVersion: Type.Optional(
    Type.Literal('ALL', { description: 'ALL lists published versions, too.' }),
  ),
});

export const FunctionConfiguration = Type.Object({
  FunctionName: Type.String(),
  FunctionArn: Type.String(),
  Runtime: Type.String(),
  Role: Type.String(),
  Handler: Type.String(),
  CodeSize: Type.Integer({ description: 'Bytes of the zip.' }),
  Description: Type.String(),
  Timeout: Type.Integer(),
  MemorySize: Type.Integer(),
  LastModified: Type.String(),
  CodeSha256: Type.String({ description: 'SHA-256 of the zip, in base64.' }),
  Version: Type.String(),
  Environment: Type.Optional(Type.Object({ Variables: Type.Record(Type.String(), Type.String()) })),
  TracingConfig: Type.Object({ Mode: Type.String() }),
  RevisionId: Type.String(),
  State: Type.String({ description: 'Active, or Pending or Failed for lack of a snapshot.' }),
  StateReason: Type.Optional(Type.String()),
  StateReasonCode: Type.Optional(Type.String()),
  LastUpdateStatus: Type.Optional(Type.String()),
  LastUpdateStatusReason: Type.Optional(Type.String()),
  LastUpdateStatusReasonCode: Type.Optional(Type.String()),
  PackageType: Type.String(),
  Architectures: Type.Array(Type.String()),
  EphemeralStorage: Type.Object({ Size: Type.Integer() }),
  SnapStart: Type.Object({
    ApplyOn: Type.String(),
    OptimizationStatus: Type.String({ description: 'On where this version has a snapshot.' }),
  }),
});
export type FunctionConfiguration = Static<typeof FunctionConfiguration>;

export const FunctionDescription = Type.Object({
  Configuration: FunctionConfiguration,
  Code: Type.Object({
    RepositoryType: Type.String(),
    Location: Type.String({ description: 'Where the zip can be read from.' }),
  }),
});

export const FunctionList = Type.Object({
  Functions: Type.Array(FunctionConfiguration),
  NextMarker: Type.Optional(Type.String()),
});

export const VersionList = Type.Object({
  Versions: Type.Array(FunctionConfiguration),
  NextMarker: Type.Optional(Type.String()),
});
