"""Keeps files in /tmp, and tells what room the guest says there is."""
import errno
import os

PATH = "/tmp/kept"
CHUNK = os.urandom(1 << 20)


def handler(event, _context):
    """Deed `write` fills so many MiB, `take` sets them aside, `drop` deletes them."""
    deed = event.get("deed")
    refusal = None
    try:
        if deed == "write":
            write(event["mib"])
        elif deed == "take":
            take(event["mib"])
        elif deed == "drop":
            os.unlink(PATH)
    except OSError as error:
        refusal = errno.errorcode[error.errno]
    return {"refusal": refusal, **room()}


def write(mib):
    with open(PATH, "wb") as file:
        for _ in range(mib):
            file.write(CHUNK)
        os.fsync(file.fileno())


def take(mib):
    with open(PATH, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, mib << 20)


def room():
    status = os.statvfs("/tmp")
    return {
        "freeMib": status.f_bavail * status.f_frsize / (1 << 20),
        "entries": sorted(os.listdir("/tmp")),
        "canReachBallast": os.access("/run/scratch", os.R_OK | os.X_OK),
    }
