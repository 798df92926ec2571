"""Errors as Lambda reports them."""

import json
import os
import sys
import traceback


class RuntimeFailure(Exception):
    """A failure of the runtime itself, named as Lambda names it."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def error_type(error):
    return error.name if isinstance(error, RuntimeFailure) else type(error).__name__


def error_body(error):
    """{errorType, errorMessage, stackTrace}: the trace begins in the function's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    client = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = [frame for frame in frames if not frame.filename.startswith(client + os.sep)]
    own = [frame for frame in own if not frame.filename.startswith("<frozen importlib")]
    return {
        "errorType": error_type(error),
        "errorMessage": str(error),
        "stackTrace": traceback.format_list(own),
    }


def report(error):
    """Writes the error to the log and returns it as Lambda's JSON."""
    body = error_body(error)
    sys.stderr.write("[ERROR] %s: %s\n" % (body["errorType"], body["errorMessage"]))
    sys.stderr.writelines(body["stackTrace"])
    return json.dumps(body).encode()
