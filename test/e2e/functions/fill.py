"""Uses as much memory as it is asked to, beyond what its runtime has, and touches all of it."""

MIB = 1024 * 1024
PAGE = 4096


def handler(event, context):
    filled = bytearray(event["mib"] * MIB)
    filled[::PAGE] = b"\1" * (len(filled) // PAGE)
    return {"touchedPages": sum(filled[::PAGE]), "limitMib": context.memory_limit_in_mb}
