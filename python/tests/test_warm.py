"""What a spare interpreter does before it becomes a rank."""

import importlib.util
import os
import socket
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("warm", os.path.join(HERE, "..", "muster", "warm.py"))
warm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(warm)


def environment(rank, host, port):
    return {"RANK": str(rank), "GROUP_RANK": str(host), "MASTER_PORT": str(port)}


class HeadStart(unittest.TestCase):
    def test_a_listener_is_seen_and_one_that_is_gone_is_not(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.assertTrue(warm.listens(port))
        self.assertFalse(warm.listens(port))

    def test_a_neighbour_of_rank_0_waits_until_it_listens_but_not_for_long(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            began = time.monotonic()
            warm.let_rank_0_listen(environment(1, 0, port), seconds=60)
            self.assertLess(time.monotonic() - began, 30)
        began = time.monotonic()
        warm.let_rank_0_listen(environment(1, 0, port), seconds=0.05)
        self.assertGreaterEqual(time.monotonic() - began, 0.05)

    def test_rank_0_and_ranks_of_other_hosts_wait_for_nobody(self):
        began = time.monotonic()
        warm.let_rank_0_listen(environment(0, 0, 1), seconds=60)
        warm.let_rank_0_listen(environment(3, 1, 1), seconds=60)
        self.assertLess(time.monotonic() - began, 30)


if __name__ == "__main__":
    unittest.main()
