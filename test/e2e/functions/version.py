"""Tells which version of itself runs, and what that version was given."""

import os


def handler(event, context):
    return {
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "stage": os.environ.get("STAGE"),
        "initialization": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "logStream": context.log_stream_name,
    }
