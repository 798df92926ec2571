"""The runtime client for Python: loads the handler, then serves one invocation after the other."""

import json
import os
import sys

from ballast_runtime.context import Context
from ballast_runtime.errors import error_type, report
from ballast_runtime.handler import load_handler
from ballast_runtime.runtime_api import RuntimeApi
from ballast_runtime.snapshot import await_restore, await_start, run_before_snapshot


def serve_one(api, handler):
    headers, payload = api.next()
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        event = json.loads(payload)
        result = handler(event, Context(headers, os.environ))
        body = json.dumps(result, ensure_ascii=False).encode()
    except Exception as error:
        api.post_error(request_id, error_type(error), report(error))
        return
    except BaseException as error:
        # sys.exit and the like: the process ends, and its caller is told why.
        api.post_error(request_id, "Runtime.ExitError", report(error))
        raise
    api.post_response(request_id, body)


def main():
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    # Started without a function, for a template: it waits for the one that it will serve.
    if "_HANDLER" not in os.environ:
        await_start(api)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    is_snapshotted = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
    try:
        handler = load_handler(os.environ["_HANDLER"])
        if is_snapshotted:
            run_before_snapshot()
    except BaseException as error:
        api.post_error(None, error_type(error), report(error))
        sys.exit(1)
    # What fails from here on has its own status, and was reported.
    if is_snapshotted:
        await_restore(api)
    while True:
        serve_one(api, handler)


if __name__ == "__main__":
    main()
