"""Says what it did before its machine was snapshotted, and what since it was restored."""

import os
import random
import time
import uuid

from snapshot_restore_py import register_after_restore, register_before_snapshot

STARTED = time.time()
BORN = str(uuid.uuid4())
EVENTS = ["init"]

if os.environ.get("FAIL_INIT"):
    raise ValueError("it cannot initialise")


@register_before_snapshot
def before():
    EVENTS.append("before")


def after(word):
    if os.environ.get("FAIL_RESTORE"):
        raise ValueError("it cannot be restored")
    EVENTS.append(word)


register_after_restore(after, "after")


def handler(event, context):
    return {
        "events": EVENTS,
        "born": BORN,
        "ageMs": (time.time() - STARTED) * 1000,
        "random": repr(random.random()),
        "uuid": str(uuid.uuid4()),
        "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "version": context.function_version,
        "stream": context.log_stream_name,
        "memory": context.memory_limit_in_mb,
        "held": os.path.exists("/tmp/kept"),
    }


with open("/tmp/kept", "w") as kept:
    kept.write("before the snapshot")
