"""The random state that this process keeps. The kernel's was renewed before it went on."""

import os
import sys

OPENSSL_MODULES = ("_ssl", "_hashlib")
SEED_BYTES = 32


def renew_random():
    """Seeds the generator of the module `random` anew: importing it has seeded it."""
    if "random" in sys.modules:
        sys.modules["random"].seed()


def renew_openssl():
    """OpenSSL seeds its generator when the first number is drawn, which code of a user may do."""
    if any(name in sys.modules for name in OPENSSL_MODULES):
        import _ssl

        _ssl.RAND_add(os.urandom(SEED_BYTES), float(SEED_BYTES))
