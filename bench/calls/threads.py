"""What libvirt's calls take in libvirt-python: in a loop, and in threads.

usage: threads.py URI MS DOMAIN...

It writes how long a call took on average, in microseconds, as JSON. Those of threads run side by
side: their time is that of the whole, by the number of calls. Each domain has one thread, or as
many as make 100 in all.
"""
import json
import sys
import threading
import time

import libvirt
import libvirt_qemu

WARM_UPS = 50
WARM_UP_SECONDS = 0.2
THREADS = 100
QUERY = '{"execute":"query-status"}'

CALLS = {
    "info": lambda domain: domain.info(),
    "memoryStats": lambda domain: domain.memoryStats(),
    "queryStatus": lambda domain: json.loads(libvirt_qemu.qemuMonitorCommand(domain, QUERY, 0)),
}


def run_events():
    while True:
        libvirt.virEventRunDefaultImpl()


def calls_until(deadline, call, domain):
    calls = 0
    while time.perf_counter() < deadline:
        call(domain)
        calls += 1
    return calls


def alone(call, domain, seconds):
    for _ in range(WARM_UPS):
        call(domain)
    start = time.perf_counter()
    calls = calls_until(start + seconds, call, domain)
    return (time.perf_counter() - start) / calls * 1e6


def together(call, domains, seconds):
    crowd(call, domains, WARM_UP_SECONDS)
    start = time.perf_counter()
    calls = crowd(call, domains, seconds)
    return (time.perf_counter() - start) / calls * 1e6


def crowd(call, domains, seconds):
    """How many calls one thread for each of the domains make in so long, together."""
    counts = [0] * len(domains)
    deadline = time.perf_counter() + seconds

    def work(index):
        counts[index] = calls_until(deadline, call, domains[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(domains))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def main(uri, milliseconds, *names):
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run_events, daemon=True).start()
    connection = libvirt.open(uri)
    domains = [connection.lookupByName(name) for name in names]
    seconds = int(milliseconds) / 1000
    many = domains * (THREADS // len(domains))
    measured = {
        "alone": {name: alone(call, domains[0], seconds) for name, call in CALLS.items()},
        "together": {
            len(users): {name: together(call, users, seconds) for name, call in CALLS.items()}
            for users in (domains, many)
        },
    }
    print(json.dumps(measured))
    connection.close()


main(*sys.argv[1:])
