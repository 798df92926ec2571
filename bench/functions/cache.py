"""Writes a file and leaves it in the guest's page cache."""

MIB = 1024 * 1024


def handler(event, context):
    with open("/tmp/file", "wb") as file:
        for _ in range(event["mib"]):
            file.write(b"x" * MIB)
    return {}
