"""The client against a keeper that is prompt, slow, absent, full, forgetful or restarted."""

import errno
import math
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest

import muster
from muster import _keeper, _streams

from tests.fake_keeper import WAIT, FakeKeeper

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class WithKeeper(unittest.TestCase):
    def keeper(self, **run):
        keeper = FakeKeeper(**run)
        self.addCleanup(keeper.close)
        os.environ["MUSTER_SOCKET"] = keeper.path
        self.addCleanup(os.environ.pop, "MUSTER_SOCKET", None)
        return keeper

    def join(self):
        run = muster.join(timeout=5)
        self.addCleanup(run.close)
        return run

    def in_thread(self, work):
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.addCleanup(thread.join, WAIT)
        return thread


def write(path, value):
    with open(path, "w") as f:
        f.write(str(value))


def save(directory):
    write(directory / "state", "state")


class Loop(WithKeeper):
    def test_a_rank_knows_who_it_is(self):
        self.keeper(rank=3, world_size=8, local_rank=1, local_world_size=2, node_rank=1)
        run = self.join()
        self.assertEqual((3, 8, 1, 2, 1), (run.rank, run.world_size, run.local_rank, run.local_world_size, run.node_rank))
        self.assertEqual(("fake", 3, 1, False, None), (run.job, run.generation, run.attempt, run.alone, run.restore()))

    def test_checkpoints_are_saved_every_n_steps_and_after_the_last(self):
        keeper = self.keeper(checkpoint={"every": 3, "uncommitted": 2})
        run = self.join()
        for _ in run.steps(7):
            run.checkpoint(save)
        self.assertEqual([3, 6, 7], sorted(keeper.done))
        self.assertEqual({"state": b"state"}, keeper.done[7])

    def test_every_report_arrives_in_order_with_its_step(self):
        keeper = self.keeper()
        with self.join() as run:
            for step in run.steps(500):
                run.report(loss=step * 0.5, rate=1)
        reports = [line for line in keeper.lines if "metrics" in line]
        self.assertEqual([{"step": s + 1, "metrics": {"loss": s * 0.5, "rate": 1}} for s in range(500)], reports)
        self.assertIn({"total": 500}, keeper.lines)
        self.assertEqual(1, keeper.ended)

    def test_steps_are_told_by_programs_that_report_nothing(self):
        keeper = self.keeper()
        with self.join() as run:
            list(run.steps(50))
        self.assertIn({"step": 50}, keeper.lines)

    def test_what_json_cannot_write_travels_as_text(self):
        keeper = self.keeper()
        with self.join() as run:
            for _ in run.steps(1):
                run.report(loss=math.nan, top=math.inf, low=-math.inf)
        self.assertIn({"step": 1, "metrics": {"loss": "NaN", "top": "Infinity", "low": "-Infinity"}}, keeper.lines)

    def test_a_resumed_loop_begins_at_the_checkpoint_and_says_that_it_loaded(self):
        keeper = self.keeper(restore={"step": 600, "world_size": 1, "directory": "/ckpt/600.2/rank-0"})
        with self.join() as run:
            self.assertEqual("/ckpt/600.2/rank-0", run.restore())
            self.assertEqual([600, 601], list(run.steps(602)))
        self.assertIn({"restored": 600}, keeper.lines)

    def test_an_unread_checkpoint_stops_the_loop_before_it_begins(self):
        self.keeper(restore={"step": 600, "world_size": 1, "directory": "/x"})
        with self.assertRaisesRegex(muster.MusterError, "step 600 exists"):
            self.join().steps(700)

    def test_misuse_is_named(self):
        self.keeper()
        run = self.join()
        with self.assertRaisesRegex(muster.MusterError, "outside the loop"):
            run.checkpoint(save)
        with self.assertRaisesRegex(muster.MusterError, "joined its run already"):
            muster.join()
        for _ in run.steps(1):
            run.checkpoint(save)
            with self.assertRaisesRegex(muster.MusterError, "twice in step 0"):
                run.checkpoint(save)
            with self.assertRaisesRegex(muster.MusterError, "running already"):
                list(run.steps(1))


class World(WithKeeper):
    RESTORE = {"step": 600, "world_size": 2, "directory": None}

    def test_another_world_size_raises(self):
        self.keeper(restore=self.RESTORE)
        run = self.join()
        with self.assertRaises(muster.WorldChanged) as caught:
            run.restore()
        self.assertEqual((600, 2, 1), (caught.exception.step, caught.exception.saved_world_size, caught.exception.world_size))

    def test_replicated_shards_are_rank_0s(self):
        keeper = self.keeper(restore=self.RESTORE)
        keeper.shards = {"step": 600, "shards": [{"rank": 1, "directory": "/c/1"}, {"rank": 0, "directory": "/c/0"}]}
        self.assertEqual("/c/0", self.join().restore(replicated=True))

    def test_a_program_that_reads_all_shards_resumes(self):
        keeper = self.keeper(restore=self.RESTORE)
        keeper.shards = {"step": 600, "shards": [{"rank": 1, "directory": "/c/1"}, {"rank": 0, "directory": "/c/0"}]}
        run = self.join()
        self.assertEqual([muster.Shard(0, "/c/0"), muster.Shard(1, "/c/1")], run.shards())
        self.assertEqual([600], list(run.steps(601)))


class OnDemand(WithKeeper):
    def stop_at(self, keeper, step, ends=True):
        keeper.wish({"id": 7, "step": step, "ends": ends, "state": "proposed"})
        keeper.wait_for(lambda: any(line.get("promise") == 7 or line.get("refuse") == 7 for line in keeper.lines), "an answer")

    def test_a_promised_step_is_waited_at_and_a_confirmed_stop_ends_the_loop_there(self):
        keeper = self.keeper()
        run = self.join()
        self.stop_at(keeper, 5)
        seen = []

        def work():
            for step in run.steps(100):
                seen.append(step)
                run.checkpoint(save)

        thread = self.in_thread(work)
        keeper.wait_for_line(step=5)
        self.assertEqual(({}, [0, 1, 2, 3, 4]), (keeper.done, seen))
        keeper.wish({"id": 7, "step": 5, "ends": True, "state": "confirmed"})
        thread.join(WAIT)
        self.assertEqual(([5], 4, True), (list(keeper.done), seen[-1], run.stopping))

    def test_a_cancelled_stop_is_not_saved_and_the_loop_goes_on(self):
        keeper = self.keeper()
        run = self.join()
        self.stop_at(keeper, 5)
        thread = self.in_thread(lambda: [run.checkpoint(save) for _ in run.steps(8)])
        keeper.wait_for_line(step=5)
        keeper.wish({"id": 7, "step": 5, "ends": True, "state": "cancelled"})
        thread.join(WAIT)
        self.assertEqual(([8], False), (list(keeper.done), run.stopping))

    def test_a_rank_past_the_step_refuses_and_says_how_far_it_is(self):
        keeper = self.keeper()
        run = self.join()
        steps = run.steps(100)
        for _ in range(10):
            next(steps)
        self.stop_at(keeper, 9)
        self.assertIn({"refuse": 7, "step": 9}, keeper.lines)

    def test_an_answer_is_said_again_when_the_stream_broke(self):
        keeper = self.keeper()
        run = self.join()
        self.stop_at(keeper, 5)
        keeper.go_away()
        keeper.lines.clear()
        keeper.start()
        keeper.wait_for_line(promise=7)
        self.assertIsNotNone(run)

    def test_a_program_that_never_saves_ends_where_a_stop_is_confirmed_and_says_that_it_saved_nothing(self):
        keeper = self.keeper()
        run = self.join()
        self.stop_at(keeper, 5)
        keeper.wish({"id": 7, "step": 5, "ends": True, "state": "confirmed"})
        with run._loop._changed:
            run._loop._changed.wait_for(lambda: run._loop._gate.standing_answer is None, WAIT)
        self.assertEqual([0, 1, 2, 3, 4], list(run.steps(100)))
        keeper.wait_for_line(save_failed=5)


class Saving(WithKeeper):
    def test_a_save_that_raises_gives_its_directory_up_and_raises_on(self):
        keeper = self.keeper()
        run = self.join()

        def bad(directory):
            save(directory)
            raise ZeroDivisionError("no")

        with self.assertRaises(ZeroDivisionError):
            for _ in run.steps(1):
                run.checkpoint(bad)
        self.assertEqual([1], keeper.given_up)
        keeper.wait_for_line(save_failed=1, error="ZeroDivisionError: no")

    def test_a_full_disk_costs_the_checkpoint_and_not_the_training(self):
        def no_space(directory):
            raise OSError(errno.ENOSPC, "No space left on device")

        for full, no_directory, saving in ((True, False, save), (False, True, save), (False, False, no_space)):
            with self.subTest(sealing=full, beginning=no_directory):
                keeper = self.keeper(checkpoint={"every": 1, "uncommitted": 2})
                keeper.full, keeper.no_space = full, no_directory
                run = self.join()
                for step in run.steps(3):
                    if step == 2:
                        keeper.full = keeper.no_space = False
                    run.checkpoint(saving if step < 2 else save)
                run.close()
                self.assertEqual([3], list(keeper.done))
                keeper.wait_for_line(save_failed=1)

    def test_a_slow_keeper_holds_the_loop_at_the_due_step(self):
        keeper = self.keeper(checkpoint={"every": 2, "uncommitted": 1})
        run = self.join()
        keeper.allow_begin.clear()
        seen = []
        thread = self.in_thread(lambda: [(seen.append(step), run.checkpoint(save)) for step in run.steps(4)])
        keeper.wait_for(lambda: "POST /v1/checkpoints" in keeper.asked)
        self.assertEqual([0, 1], seen)
        keeper.allow_begin.set()
        thread.join(WAIT)
        self.assertEqual([2, 4], sorted(keeper.done))

    def test_a_lost_answer_gives_the_directory_up_and_begins_again(self):
        keeper = self.keeper()
        keeper.lose_begin_answer = True
        run = self.join()
        for _ in run.steps(1):
            run.checkpoint(save)
        self.assertEqual(([1], [1]), (keeper.given_up, list(keeper.done)))

    def test_a_lost_answer_that_cannot_be_repeated_costs_the_checkpoint_and_not_the_training(self):
        keeper = self.keeper(checkpoint={"every": 1, "uncommitted": 2})
        keeper.lose_begin_answer = keeper.strict = True
        run = self.join()
        for _ in run.steps(2):
            run.checkpoint(save)
        self.assertEqual([2], list(keeper.done))
        keeper.wait_for_line(save_failed=1)

    def test_a_step_begun_twice_is_refused_in_the_keepers_words(self):
        keeper = self.keeper()
        keeper.begun[1] = keeper.root
        run = self.join()
        with self.assertRaisesRegex(muster.KeeperRefused, "HTTP 409.*begun already"):
            for _ in run.steps(1):
                run.checkpoint(save)

    def test_a_checkpoint_waits_for_a_keeper_that_is_away_and_reports_go_on_after_it(self):
        keeper = self.keeper(checkpoint={"every": 2, "uncommitted": 2})
        run = self.join()
        steps = run.steps(4)
        next(steps)
        keeper.go_away()

        def work():
            for step in steps:
                run.report(loss=step)
                run.checkpoint(save)

        thread = self.in_thread(work)
        keeper.start()
        thread.join(WAIT)
        self.assertEqual([2, 4], sorted(keeper.done))
        keeper.wait_for_line(step=4)
        keeper.wait_for_line(total=4)


class SavingInAThread(WithKeeper):
    """The function that save returns writes the files while training goes on."""

    def setUp(self):
        self.run_on = threading.Event()
        self.addCleanup(self.run_on.set)

    def rest(self, directory):
        def write_later():
            self.run_on.wait(WAIT)
            save(directory)

        return write_later

    def test_training_goes_on_while_the_files_are_written_and_the_next_checkpoint_waits_for_them(self):
        keeper = self.keeper(checkpoint={"every": 2, "uncommitted": 2})
        run = self.join()
        seen = []
        thread = self.in_thread(lambda: [(seen.append(step), run.checkpoint(self.rest, background=True)) for step in run.steps(6)])
        keeper.wait_for_line(step=4)
        self.assertEqual(([0, 1, 2, 3], {}, 1), (seen, keeper.done, keeper.asked.count("POST /v1/checkpoints")))
        self.run_on.set()
        thread.join(WAIT)
        self.assertEqual([2, 4, 6], sorted(keeper.done))
        self.assertEqual({"state": b"state"}, keeper.done[6])

    def test_the_loop_ends_when_the_last_files_are_written(self):
        keeper = self.keeper()
        run = self.join()
        thread = self.in_thread(lambda: [run.checkpoint(self.rest, background=True) for _ in run.steps(1)])
        keeper.wait_for(lambda: "POST /v1/checkpoints" in keeper.asked)
        self.assertTrue(thread.is_alive())
        self.run_on.set()
        thread.join(WAIT)
        self.assertEqual([1], list(keeper.done))

    def test_without_background_the_function_is_called_before_training_goes_on(self):
        keeper = self.keeper(checkpoint={"every": 1, "uncommitted": 2})
        run = self.join()
        self.run_on.set()
        for step in run.steps(2):
            run.checkpoint(self.rest)
            self.assertEqual(step + 1, max(keeper.done))

    def test_what_it_raises_is_raised_by_the_next_checkpoint_or_by_the_end_of_the_loop(self):
        def bad():
            raise ZeroDivisionError("no")

        for steps in (1, 2):
            with self.subTest(steps=steps):
                keeper = self.keeper(checkpoint={"every": 1, "uncommitted": 2})
                run = self.join()
                with self.assertRaises(ZeroDivisionError):
                    for _ in run.steps(steps):
                        run.checkpoint(lambda directory: bad, background=True)
                keeper.wait_for_line(save_failed=1, error="ZeroDivisionError: no")
                self.assertEqual(([1], {}), (keeper.given_up, keeper.done))
                run.close()

    def test_a_full_disk_costs_the_checkpoint_and_not_the_training(self):
        def no_space():
            raise OSError(errno.ENOSPC, "No space left on device")

        keeper = self.keeper(checkpoint={"every": 1, "uncommitted": 2})
        run = self.join()
        for step in run.steps(2):
            run.checkpoint(save if step else lambda directory: no_space, background=True)
        self.assertEqual([2], list(keeper.done))
        keeper.wait_for_line(save_failed=1)


class Keepers(WithKeeper):
    def test_an_absent_keeper_is_named_with_its_socket(self):
        os.environ["MUSTER_SOCKET"] = "/nonexistent/worker.sock"
        self.addCleanup(os.environ.pop, "MUSTER_SOCKET")
        with self.assertRaisesRegex(muster.KeeperUnreachable, "/nonexistent/worker.sock.*muster run"):
            muster.join(timeout=0)

    def test_a_newer_version_is_refused_by_name(self):
        self.keeper(version=2)
        with self.assertRaisesRegex(muster.KeeperUnreachable, "speaks version 2"):
            muster.join(timeout=0)

    def test_what_is_not_documented_is_the_keepers_fault(self):
        keeper = self.keeper()
        del keeper.run["rank"]
        with self.assertRaisesRegex(muster.KeeperUnreachable, "does not know"):
            muster.join(timeout=0)

    def test_reports_do_not_wait_for_a_keeper_that_reads_nothing_and_the_oldest_are_dropped(self):
        keeper = self.keeper()
        keeper.drain.clear()
        run = self.join()
        for step in run.steps(30_000):
            run.report(loss=step, text=step)
        self.assertLessEqual(len(run._reports.waiting), _streams.REPORTS_MAX)
        keeper.drain.set()
        keeper.wait_for_line(step=30_000)


class Processes(WithKeeper):
    def script(self, text, **options):
        env = dict(os.environ, PYTHONPATH=PYTHON)
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def test_forked_children_neither_hang_nor_report_nor_hold_the_streams(self):
        keeper = self.keeper()
        process = self.script(
            """
            import muster, os, sys, time
            run = muster.join()
            for step in run.steps(20):
                run.report(loss=step)
                if step % 5 == 0:
                    pid = os.fork()
                    if pid == 0:
                        run.report(loss=-1)
                        try:
                            run.checkpoint(lambda d: None)
                        except muster.MusterError:
                            if step == 15:
                                sys.stdout.close(); sys.stderr.close()
                                os.close(1); os.close(2)
                                time.sleep(20)
                            os._exit(3)
                        os._exit(4)
                    if step < 15:
                        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
                    else:
                        print(pid, flush=True)
            """
        )
        out, err = process.communicate(timeout=WAIT)
        self.assertEqual((0, ""), (process.returncode, err))
        keeper.wait_for(lambda: keeper.open_streams == 0, "the end of the stream although a child lives")
        os.kill(int(out), signal.SIGKILL)
        self.assertEqual([float(s) for s in range(20)], [line["metrics"]["loss"] for line in keeper.lines if "metrics" in line])

    def test_sigterm_ends_the_process_as_it_would_without_muster(self):
        keeper = self.keeper()
        process = self.script("import muster, time\nrun = muster.join()\nfor s in run.steps(10**9): time.sleep(0.001)")
        keeper.wait_for_line(total=10**9)
        process.terminate()
        process.communicate(timeout=WAIT)
        self.assertEqual(-signal.SIGTERM, process.returncode)

    def test_a_failed_load_is_told_on_the_way_out(self):
        keeper = self.keeper(restore={"step": 600, "world_size": 1, "directory": "/c"})
        process = self.script("import muster\nrun = muster.join()\nrun.restore()\nraise KeyError('weight')")
        _, err = process.communicate(timeout=WAIT)
        self.assertEqual(1, process.returncode)
        self.assertIn("KeyError: 'weight'", err)
        keeper.wait_for_line(restore_failed=600, error="KeyError: 'weight'")

    def test_a_program_that_just_ends_has_told_everything(self):
        keeper = self.keeper()
        process = self.script("import muster\nrun = muster.join()\nfor s in run.steps(30): run.report(loss=s)")
        process.communicate(timeout=WAIT)
        self.assertEqual((30, 1), (sum("metrics" in line for line in keeper.lines), keeper.ended))


class Alone(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name + "/checkpoints"

    def join(self):
        return muster.join(alone_directory=self.root, alone_every=4, alone_keep=2)

    def test_a_program_resumes_from_its_own_directory(self):
        total = 0
        run = self.join()
        self.assertEqual((0, 1, True, None, []), (run.rank, run.world_size, run.alone, run.restore(), run.shards()))
        with self.assertRaises(ZeroDivisionError):
            for step in run.steps(20):
                total += step
                run.checkpoint(lambda d: write(d / "total", total))
                1 / (step - 9)
        run = self.join()
        directory = run.restore()
        with open(directory / "total") as f:
            total = int(f.read())
        for step in run.steps(20):
            total += step
            run.checkpoint(lambda d: write(d / "total", total))
        self.assertEqual(sum(range(20)), total)
        self.assertEqual(["16", "20"], sorted(os.listdir(self.root)))
        self.assertEqual([muster.Shard(0, self.root + "/20")], self.join().shards())

    def test_half_a_checkpoint_is_none(self):
        os.makedirs(self.root + "/.8.partial")
        run = self.join()
        self.assertIsNone(run.restore())
        for _ in run.steps(4):
            run.checkpoint(save)
        self.assertEqual(["4"], os.listdir(self.root))

    def test_a_save_that_raises_leaves_nothing(self):
        run = self.join()
        with self.assertRaises(ZeroDivisionError):
            for _ in run.steps(1):
                run.checkpoint(lambda d: 1 / 0)
        self.assertEqual([], os.listdir(self.root))

    def test_ranks_of_another_launcher_are_refused(self):
        os.environ["WORLD_SIZE"] = "2"
        self.addCleanup(os.environ.pop, "WORLD_SIZE")
        with self.assertRaisesRegex(muster.MusterError, "WORLD_SIZE is 2"):
            self.join()


class Pauses(unittest.TestCase):
    def test_pauses_double_up_to_a_second(self):
        pause, seen = _keeper.PAUSE_MIN, []
        for _ in range(8):
            seen.append(pause)
            pause = _keeper.longer(pause)
        self.assertEqual([0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0], seen)
