"""Keeps memory between invocations, full of a pattern, and tells whether it is still whole."""

import hashlib

MIB = 1024 * 1024
kept = []


def pattern(number):
    return hashlib.sha256(b"%d" % number).digest() * (MIB // 32)


def handler(event, context):
    """What was kept is looked at first; then `mib`, where it is given, has more or less kept."""
    before = len(kept)
    whole = sum(piece == pattern(number) for number, piece in enumerate(kept))
    if "mib" in event:
        del kept[event["mib"] :]
        kept.extend(pattern(number) for number in range(len(kept), event["mib"]))
    return {"keptMib": before, "wholeMib": whole, "limitMib": context.memory_limit_in_mb}
