"""A spare interpreter: imports ahead of time, then waits to become a rank.

Started by the keeper with the job's final environment and the names of modules to import. One line of JSON on standard input turns
it into a rank: what differs per generation is set, and the script runs as __main__, as if the interpreter had been started for it.
The end of standard input without a line ends the spare.
"""

import importlib
import json
import os
import sys
import time
import types


def import_ahead(names):
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:  # the script will say so itself, where it imports it
            print("muster warm: cannot import %s: %s" % (name, error), file=sys.stderr, flush=True)


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_for_order():
    # Not through sys.stdin: its buffer would outlive the take-over.
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65536)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)


def listens(port):
    """Whether anything on this host listens at a TCP port: seen in the kernel's table, since a connection would be a guest to serve."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                for line in lines:
                    words = line.split()
                    if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                        return True
        except (OSError, ValueError, IndexError):
            continue  # no IPv6, or another kernel's table
    return False


def let_rank_0_listen(environment, seconds=0.3):
    """Gives rank 0, where it is a neighbour, a head start: torch's store client that comes too early tries again only after a second."""
    if environment.get("RANK", "0") == "0" or environment.get("GROUP_RANK") != "0":
        return
    end = time.monotonic() + seconds
    while time.monotonic() < end and not listens(int(environment["MASTER_PORT"])):
        time.sleep(0.005)


def become(order):
    os.environ.update(order["environment"])
    let_rank_0_listen(os.environ)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    if order["is_module"]:
        import runpy

        sys.path[0] = os.getcwd()
        sys.argv = [order["script"]] + order["arguments"]
        runpy.run_module(order["script"], run_name="__main__", alter_sys=True)
        return
    script = order["script"]
    sys.path[0] = os.path.dirname(os.path.realpath(script))
    sys.argv = [script] + order["arguments"]
    with open(script, "rb") as source:
        code = compile(source.read(), script, "exec")
    # The real __main__ of the process, for good: exit handlers, threads and spawned workers look it up by name.
    main = types.ModuleType("__main__")
    main.__file__ = script
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def run():
    # The package's own directory is on the path only because this file was named: a script would not have it there.
    sys.path[0] = os.getcwd()
    import_ahead(sys.argv[1:])
    os.write(1, b'{"muster_warm_rss":%d}\n' % resident_bytes())
    become(wait_for_order())


if __name__ == "__main__":
    run()
