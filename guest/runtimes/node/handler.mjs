/** Finds and loads what `_HANDLER` names: `file.method`, `dir/file.method`, `file.object.inner`. */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './errors.mjs';

/** The order in which Lambda looks for the file. */
const extensions = ['', '.js', '.mjs', '.cjs'];

/** @returns {{file: string, path: string[]}} the module without its extension, and the export */
export function parseHandler(name) {
  const file = basename(name ?? '');
  const dot = file.indexOf('.');
  if (dot <= 0 || dot === file.length - 1) {
    throw new RuntimeError(
      'Runtime.MalformedHandlerName',
      `Bad handler '${name}': it must be 'file.method', for example 'index.handler'`,
    );
  }
  return { file: join(dirname(name), file.slice(0, dot)), path: file.slice(dot + 1).split('.') };
}

function findModule(root, file, name) {
  const base = resolve(root, file);
  if (base.startsWith(resolve(root) + sep)) {
    const found = extensions.map((extension) => base + extension).find((path) => isFile(path));
    if (found !== undefined) return found;
  }
  throw new RuntimeError(
    'Runtime.ImportModuleError',
    `Error: Cannot find module '${file}' (handler '${name}')`,
  );
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function load(path) {
  try {
    if (path.endsWith('.mjs')) return await import(pathToFileURL(path).href);
    try {
      return createRequire(path)(path);
    } catch (error) {
      if (!isModuleSyntax(error)) throw error;
      return await import(pathToFileURL(path).href);
    }
  } catch (error) {
    throw asLoadError(error);
  }
}

/** A `.js` file that is an ES module: by its package.json, or by its words. */
function isModuleSyntax(error) {
  return (
    error?.code === 'ERR_REQUIRE_ESM' ||
    error?.code === 'ERR_REQUIRE_ASYNC_MODULE' ||
    (error instanceof SyntaxError &&
      /import statement|Unexpected token 'export'/.test(error.message))
  );
}

function asLoadError(error) {
  if (error instanceof SyntaxError) return wrap('Runtime.UserCodeSyntaxError', error);
  if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
    return wrap('Runtime.ImportModuleError', error);
  }
  return error;
}

function wrap(name, error) {
  const wrapped = new RuntimeError(name, `${error.name}: ${error.message}`);
  wrapped.stack = error.stack;
  return wrapped;
}

/** @returns {Promise<Function>} the handler of the function */
export async function loadHandler(root, name) {
  const { file, path } = parseHandler(name);
  let found = await load(findModule(root, file, name));
  // A CommonJS module that was imported has its exports under `default`.
  if (found?.[path[0]] === undefined && found?.default !== undefined) found = found.default;
  for (const part of path) found = found?.[part];
  if (typeof found !== 'function') {
    const problem = found === undefined ? 'undefined or not exported' : 'not a function';
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is ${problem}`);
  }
  return found;
}
