"""The context object that a handler is called with."""

import json
import time

MS_PER_SECOND = 1000


class ClientContext:
    """The client context that the caller sent, with its parts as attributes."""

    def __init__(self, fields):
        self.custom = fields.get("custom")
        self.env = fields.get("env")
        self.client = fields.get("client")


def parse_client_context(text):
    try:
        fields = json.loads(text) if text else None
    except ValueError:
        # The caller's words are not the function's fault: it gets none rather than an error.
        return None
    return ClientContext(fields) if isinstance(fields, dict) else None


class Context:
    def __init__(self, headers, environment):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = headers.get(
            "Ballast-Runtime-Memory-Mib", environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        )
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = parse_client_context(headers.get("Lambda-Runtime-Client-Context"))
        self.identity = None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * MS_PER_SECOND))
