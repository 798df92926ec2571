/** libvirt's typed parameters: a field, its type, its value. Drivers refuse another type. */

/** `virTypedParameterType` */
const typeNumbers = {
  int: 1,
  uint: 2,
  llong: 3,
  ullong: 4,
  double: 5,
  boolean: 6,
  string: 7,
} as const;

/** A type of libvirt's parameters. */
type TypeName = keyof typeof typeNumbers;
/** What a type is in JavaScript. */
type TypeOf<T extends TypeName> = T extends 'string'
  ? string
  : T extends 'boolean'
    ? boolean
    : number;

/** The fields of a group of parameters: libvirt's name and type, by the name they have here. */
export type ParamSchema = Readonly<Record<string, readonly [field: string, type: TypeName]>>;

/** The object that a schema describes. */
export type ParamsOf<S extends ParamSchema> = {
  readonly [Name in keyof S]?: TypeOf<S[Name][1]> | undefined;
};

/** A typed parameter as it crosses to `native/`. */
export type NativeParam = readonly [field: string, type: number, value: string | number | boolean];

/** What crosses back. */
export type NativeParams = Readonly<Record<string, string | number | boolean | null>>;

/** For libvirt: the parameters that are given. One that the schema lacks is a `RangeError`. */
export function toParams<S extends ParamSchema>(schema: S, params: ParamsOf<S>): NativeParam[] {
  const list: NativeParam[] = [];
  for (const [name, value] of Object.entries(params)) {
    const spec = schema[name];
    if (spec === undefined) {
      const known = Object.keys(schema).join(', ');
      throw new RangeError(`a parameter must be one of ${known}, not ${name}`);
    }
    const [field, type] = spec;
    if (value !== undefined) list.push([field, typeNumbers[type], value]);
  }
  return list;
}

/** From libvirt: the parameters that the schema knows. */
export function fromParams<S extends ParamSchema>(schema: S, params: NativeParams): ParamsOf<S> {
  const found: Record<string, unknown> = {};
  for (const [name, [field]] of Object.entries(schema)) {
    const value = params[field];
    if (value !== undefined && value !== null) found[name] = value;
  }
  return found as ParamsOf<S>;
}

/** `some_field-name` as `someFieldName`. */
const toCamel = (word: string): string =>
  word.replace(/[_-]+(\w)/g, (_, letter: string) => letter.toUpperCase());

type Tree = { [name: string]: unknown; items?: Tree[] };

function childOf(node: Tree, word: string): Tree {
  if (!/^\d+$/.test(word)) {
    const name = toCamel(word);
    const child = node[name];
    if (typeof child === 'object' && child !== null) return child as Tree;
    // A field that has a value of its own as well keeps it under this name.
    const made: Tree = child === undefined ? {} : { value: child };
    node[name] = made;
    return made;
  }
  node.items ??= [];
  const index = Number(word);
  let item = node.items.find((one) => one.index === index);
  if (item === undefined) {
    item = { index };
    node.items.push(item);
  }
  return item;
}

/**
 * Dotted fields as nested objects: `block.0.rd.bytes` becomes `block.items[].rd.bytes`, where the
 * item says its `index`, for the numbers of vCPUs and I/O threads may have gaps.
 */
export function nestParams(params: NativeParams): unknown {
  const root: Tree = {};
  for (const [field, value] of Object.entries(params)) {
    const words = field.split('.');
    const last = toCamel(words.pop() ?? field);
    const node = words.reduce(childOf, root);
    const taken = node[last];
    if (typeof taken === 'object' && taken !== null) (taken as Tree).value = value;
    else node[last] = value;
  }
  return root;
}
