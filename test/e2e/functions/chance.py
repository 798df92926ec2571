"""Numbers that nobody else must draw, of every source that there is."""

import os
import random
import secrets
import ssl
import time
import uuid


def handler(event, context):
    return {
        "random": repr(random.random()),
        "system": repr(random.SystemRandom().random()),
        "secret": secrets.token_hex(16),
        "uuid": str(uuid.uuid4()),
        "openssl": ssl.RAND_bytes(16).hex(),
        "device": os.urandom(16).hex(),
        "getrandom": os.getrandom(16).hex(),
        "zone": time.timezone,
        "flag": os.environ.get("FLAG"),
        "directory": os.getcwd(),
        "now": time.time() * 1000,
    }
