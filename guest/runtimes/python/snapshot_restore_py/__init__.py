"""Hooks around the snapshot of a function's machine, with the names that Lambda gives them.

Each is a decorator, or is called with the hook and its arguments. Those of before run in the
reverse order of their registration, those of after in its order.
"""

_before = []
_after = []


def register_before_snapshot(func, *args, **kwargs):
    return _register(_before, func, args, kwargs)


def register_after_restore(func, *args, **kwargs):
    return _register(_after, func, args, kwargs)


def get_before_snapshot():
    return list(_before)


def get_after_restore():
    return list(_after)


def _register(hooks, func, args, kwargs):
    if not callable(func):
        raise TypeError("a hook must be callable, this is %s" % type(func).__name__)
    hooks.append((func, args, kwargs))
    return func
