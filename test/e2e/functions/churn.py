"""Takes and gives back memory all the time, for as long as it is asked to."""

import time

MIB = 1024 * 1024


def handler(event, context):
    until = time.monotonic() + event["seconds"]
    rounds = 0
    while time.monotonic() < until:
        taken = [bytes([rounds % 255 + 1]) * MIB for _ in range(event["mib"])]
        if not all(piece[0] == piece[-1] == rounds % 255 + 1 for piece in taken):
            raise MemoryError("a piece changed")
        rounds += 1
    return {"rounds": rounds}
