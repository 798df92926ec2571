"""Finds and loads what _HANDLER names: module.function, dir/module.function."""

import importlib

from ballast_runtime.errors import RuntimeFailure


def load_handler(name):
    module_name, _, function_name = name.rpartition(".")
    if not module_name or not function_name:
        raise RuntimeFailure(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': it must be 'module.function'" % name,
        )
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise RuntimeFailure("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", message) from error
    handler = getattr(module, function_name, None)
    if not callable(handler):
        problem = "missing" if handler is None else "not a function"
        message = "Handler '%s' %s on module '%s'" % (function_name, problem, module_name)
        raise RuntimeFailure("Runtime.HandlerNotFound", message)
    return handler
