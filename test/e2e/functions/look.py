"""Tells what its guest has given it."""

import os


def handler(event, context):
    with open("/sys/fs/cgroup/function/cpu.max") as limit:
        quota_us, period_us = map(int, limit.read().split())
    return {
        "cpuMillis": quota_us * 1000 // period_us,
        "usableProcessors": len(os.sched_getaffinity(0)),
        "onlineProcessors": os.cpu_count(),
    }
