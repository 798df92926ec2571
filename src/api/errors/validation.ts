/** Says in one sentence what is wrong with a request, out of what the schema found. */
import type { FastifyRequest, FastifySchemaValidationError } from 'fastify';

const shownCharacters = 100;

interface Finding {
  readonly errors: readonly FastifySchemaValidationError[];
  /** Which part of the request: `body`, `querystring`, `params` or `headers`. */
  readonly part: string;
}

export function validationMessage(finding: Finding, request: FastifyRequest): string {
  const error = finding.errors[0];
  if (error === undefined) return 'The request is malformed.';
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const missing = firstOf(error.params.requiredProperties);
  if (error.keyword === 'required' && missing !== null) {
    return sentence(`${[...path, missing].join('.')} is missing`, hint(finding, request, error));
  }
  if (error.keyword === 'boolean' || error.keyword === 'additionalProperties') {
    const member = [
      ...path,
      ...(error.keyword === 'boolean' ? [] : [firstOf(Object.values(error.params)[0])]),
    ];
    return `${member.join('.')} is not supported. Leave it out.`;
  }
  const name = path.length === 0 ? `The ${finding.part}` : path.join('.');
  const shown = show(valueAt(partOf(request, finding.part), path));
  return sentence(`${name} is ${shown}, but ${error.message}`, hint(finding, request, error));
}

/** What the schema says of the value that was refused. */
function hint(
  finding: Finding,
  request: FastifyRequest,
  error: FastifySchemaValidationError,
): string {
  const schema = Reflect.get(request.routeOptions.schema ?? {}, finding.part);
  const path = error.schemaPath.split('/').slice(1).map(unescapePointer);
  const described: unknown = valueAt(valueAt(schema, path), ['description']);
  return typeof described === 'string' ? described : '';
}

function sentence(fault: string, hint: string): string {
  return hint === '' ? `${fault}.` : `${fault}. ${hint}`;
}

function partOf(request: FastifyRequest, part: string): unknown {
  return part === 'querystring' ? request.query : Reflect.get(request, part);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text;
}

function firstOf(value: unknown): string | null {
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null;
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
