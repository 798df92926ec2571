"""Greets, and tells what the function sees of the memory that this invocation was given."""

KIB_PER_MIB = 1024
BYTES_PER_MIB = 1024 * 1024


def mem_total_mib():
    """What the kernel of the virtual machine manages: it grows and shrinks with the request."""
    with open("/proc/meminfo") as meminfo:
        fields = dict(line.split(":", 1) for line in meminfo)
    return round(int(fields["MemTotal"].split()[0]) / KIB_PER_MIB)


def memory_max_mib():
    """What this function may use: the limit of its cgroup. None where it has none."""
    with open("/proc/self/cgroup") as cgroups:
        group = next(line[3:].strip() for line in cgroups if line.startswith("0::"))
    with open(f"/sys/fs/cgroup{group}/memory.max") as limit:
        text = limit.read().strip()
    return None if text == "max" else int(text) // BYTES_PER_MIB


def handler(event, context):
    return {
        "message": f"Hello, {event.get('name', 'world')}!",
        "memTotalMib": mem_total_mib(),
        "memoryMaxMib": memory_max_mib(),
        "memoryLimitInMB": context.memory_limit_in_mb,
        "requestId": context.aws_request_id,
    }
