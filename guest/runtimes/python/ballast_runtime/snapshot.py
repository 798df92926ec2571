"""What a process does whose machine is copied while it waits: before its function is known, or once
it has initialised."""

import os
import sys
import time

import snapshot_restore_py as hooks
from ballast_runtime.errors import error_type, report
from ballast_runtime.randomness import renew_openssl, renew_random

# As Lambda's runtimes have it: what failed can be told from the status.
AFTER_RESTORE_STATUS = 65

# Python sets it by itself as it starts in a locale that is not there (PEP 538).
COERCED = "LC_CTYPE"


def await_start(api):
    """Waits for the function that this process is to serve, and becomes its process."""
    api.post_nothing()
    start = api.start()
    take_environment(start["environment"])
    os.chdir(start["directory"])
    renew_random()


def run_before_snapshot():
    """Runs the function's hooks that prepare the snapshot of its machine."""
    for func, args, kwargs in reversed(hooks.get_before_snapshot()):
        func(*args, **kwargs)


def await_restore(api):
    """Waits until the machine was snapshotted and restored, and runs the hooks of after that."""
    take_environment(api.restore()["environment"])
    renew_random()
    renew_openssl()
    try:
        for func, args, kwargs in hooks.get_after_restore():
            func(*args, **kwargs)
    except BaseException as error:
        api.post_restore_error(error_type(error), report(error))
        sys.exit(AFTER_RESTORE_STATUS)


def take_environment(environment):
    zone = os.environ.get("TZ")
    for name in set(os.environ) - set(environment) - {COERCED}:
        del os.environ[name]
    os.environ.update(environment)
    if environment.get("TZ") != zone:
        time.tzset()
