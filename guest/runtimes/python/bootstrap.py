"""The runtime client for Python: loads the handler, then serves one invocation after the other."""

import json
import os
import sys

from ballast_runtime.context import Context
from ballast_runtime.errors import error_body, error_type
from ballast_runtime.handler import load_handler
from ballast_runtime.runtime_api import RuntimeApi


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


def report(error):
    """Writes the error to the log and returns it as Lambda's JSON."""
    body = error_body(error)
    sys.stderr.write("[ERROR] %s: %s\n" % (body["errorType"], body["errorMessage"]))
    sys.stderr.writelines(body["stackTrace"])
    return json.dumps(body).encode()


def main():
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path.insert(0, root)
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except BaseException as error:
        api.post_error(None, error_type(error), report(error))
        sys.exit(1)
    while True:
        serve_one(api, handler)


if __name__ == "__main__":
    main()
