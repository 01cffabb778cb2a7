"""The programs in the guide and in the README run: alone, twice, the second time from what the first one left."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Documents(unittest.TestCase):
    def test_documented_programs_run_and_resume(self):
        for document in ("README.md", "../docs/workers.md"):
            with open(os.path.join(PYTHON, document)) as f:
                program = re.search(r"```python\n(.*?)```", f.read(), re.DOTALL).group(1)
            with self.subTest(document=document), tempfile.TemporaryDirectory() as directory:
                env = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
                for _ in range(2):
                    subprocess.run([sys.executable, "-c", program], cwd=directory, env=dict(env, PYTHONPATH=PYTHON), check=True, stdout=subprocess.DEVNULL)
                self.assertEqual(3, len(os.listdir(os.path.join(directory, "checkpoints"))))
