"""Three ranks of train.py, killed in the middle, end with the weights of three ranks that were left alone. Needs torch:

    /usr/bin/python3 -m unittest discover -s samples/torch      # from the root of the repository
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, "..", "..", "python")
sys.path.insert(0, PYTHON)

from tests.fake_keeper import FakeKeeper  # noqa: E402

WORLD, STEPS, EVERY, KILL_AFTER = 3, 24, 6, 9
LIMIT = 240  # seconds


class Ranks:
    """One launch of the sample: a keeper and a process per rank."""

    def __init__(self, program, restore=lambda rank: None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.keepers, self.processes = [], []
        for rank in range(WORLD):
            keeper = FakeKeeper(rank=rank, local_rank=rank, world_size=WORLD, checkpoint={"every": EVERY, "uncommitted": 2}, restore=restore(rank))
            env = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(WORLD), LOCAL_RANK=str(rank), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
            env.update(MUSTER_SOCKET=keeper.path, PYTHONPATH=PYTHON, OMP_NUM_THREADS="1")
            command = [sys.executable, os.path.join(HERE, program), "--steps", str(STEPS), "--hidden", "32"]
            self.keepers.append(keeper)
            self.processes.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))

    def weights(self):
        outputs = [process.communicate(timeout=LIMIT)[0] for process in self.processes]
        assert all(process.returncode == 0 for process in self.processes), outputs
        return re.search(r"weights (\w+)", outputs[0]).group(1)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()
        for keeper in self.keepers:
            keeper.close()


class Resume(unittest.TestCase):
    def launch(self, *args):
        ranks = Ranks(*args)
        self.addCleanup(ranks.close)
        return ranks

    def test_killed_and_resumed_is_uninterrupted_bit_for_bit(self):
        expected = self.launch("train.py").weights()

        killed = self.launch("train.py")
        with killed.keepers[1].changed:
            reached = killed.keepers[1].changed.wait_for(lambda: any(line.get("step", 0) >= KILL_AFTER for line in killed.keepers[1].lines), LIMIT)
        self.assertTrue(reached)
        for process in killed.processes:
            process.kill()
            process.wait()
        step = max(set.intersection(*(set(keeper.done) for keeper in killed.keepers)))
        self.assertLess(step, STEPS)
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)

        def restore(rank):
            directory = os.path.join(root.name, f"rank-{rank}")
            os.mkdir(directory)
            for name, content in killed.keepers[rank].done[step].items():
                with open(os.path.join(directory, name), "wb") as f:
                    f.write(content)
            return {"step": step, "world_size": WORLD, "directory": directory}

        self.assertEqual(expected, self.launch("train.py", restore).weights())

    def test_the_plain_script_trains_the_same_model(self):
        self.assertEqual(self.launch("train.py").weights(), self.launch("plain.py").weights())


if __name__ == "__main__":
    unittest.main()
