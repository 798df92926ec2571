"""Fills memory with a pattern that is found again wherever it is, and lets go of it."""

MIB = 1024 * 1024


def handler(event, context):
    # Put together here, so that the code itself does not hold it.
    word = ("ballast" + "-" + "secret" + "-" + event["secret"]).encode()
    filled = word.ljust(64, b".") * (event["mib"] * MIB // 64)
    return {"bytes": len(filled)}
