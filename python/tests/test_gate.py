"""The laws of StepGate."""

import os
import unittest

from muster._gate import CANCELLED, CONFIRMED, END, GO, PROPOSED, SAVE, WAIT, Request, StepGate

from tests.simulation import World

SEED = int(os.environ.get("MUSTER_SEED", "1"))
CASES = 3000 * int(os.environ.get("MUSTER_SCALE", "1"))


def gate_at(done, every=0, total=100):
    gate = StepGate(every, done)
    gate.begin(total)
    return gate


class Gate(unittest.TestCase):
    def test_a_step_ahead_is_promised_and_waited_at(self):
        gate = gate_at(5)
        answer = gate.on_wish(Request(1, 6, False, PROPOSED))
        gate.reach(6)
        self.assertTrue(answer.promises)
        self.assertEqual((WAIT, WAIT), (gate.at_save(), gate.at_end()))

    def test_a_step_counted_as_done_is_refused_even_before_its_save(self):
        gate = gate_at(5)
        gate.reach(6)
        answer = gate.on_wish(Request(1, 6, True, PROPOSED))
        self.assertEqual((False, 6), (answer.promises, answer.done))
        self.assertEqual(GO, gate.at_save())

    def test_a_confirmed_request_is_saved_and_if_it_ends_the_loop_ends(self):
        gate = gate_at(5)
        gate.on_wish(Request(1, 6, True, PROPOSED))
        gate.reach(6)
        gate.on_wish(Request(1, 6, True, CONFIRMED))
        self.assertEqual((SAVE, END), (gate.at_save(), gate.at_end()))
        self.assertTrue(gate.ended_early)

    def test_a_cancelled_a_replaced_and_a_withdrawn_request_let_the_loop_go_on(self):
        for wish in (Request(1, 6, True, CANCELLED), Request(2, 9, True, PROPOSED), None):
            gate = gate_at(5)
            gate.on_wish(Request(1, 6, True, PROPOSED))
            gate.reach(6)
            gate.on_wish(wish)
            self.assertEqual((GO, GO), (gate.at_save(), gate.at_end()))

    def test_each_id_is_answered_once(self):
        gate = gate_at(5)
        self.assertIsNotNone(gate.on_wish(Request(1, 9, False, PROPOSED)))
        gate.reach(6)
        self.assertIsNone(gate.on_wish(Request(1, 9, False, PROPOSED)))
        self.assertEqual(5, gate.standing_answer.done)

    def test_a_confirmation_is_kept_when_the_next_request_arrives_first(self):
        gate = gate_at(5)
        gate.on_wish(Request(1, 7, False, PROPOSED))
        gate.on_wish(Request(1, 7, False, CONFIRMED))
        gate.on_wish(Request(2, 9, True, PROPOSED))
        gate.reach(6)
        self.assertEqual((GO, GO), (gate.at_save(), gate.at_end()))
        gate.reach(7)
        self.assertEqual((SAVE, GO), (gate.at_save(), gate.at_end()))

    def test_nothing_is_promised_beyond_the_end_of_the_loop(self):
        gate = gate_at(5)
        gate.on_wish(Request(1, 7, True, PROPOSED))
        gate.on_wish(Request(1, 7, True, CONFIRMED))
        self.assertFalse(gate.on_wish(Request(2, 8, False, PROPOSED)).promises)
        self.assertFalse(gate_at(5, total=10).on_wish(Request(1, 11, True, PROPOSED)).promises)
        gate = gate_at(5)
        gate.leave()
        self.assertFalse(gate.on_wish(Request(1, 8, True, PROPOSED)).promises)

    def test_periodic_and_last_steps_are_due_without_waiting_for_a_promise(self):
        gate = gate_at(5, every=3, total=7)
        gate.on_wish(Request(1, 6, True, PROPOSED))
        gate.reach(6)
        self.assertEqual((SAVE, WAIT), (gate.at_save(), gate.at_end()))
        gate.on_wish(None)
        gate.reach(7)
        self.assertEqual((SAVE, END), (gate.at_save(), gate.at_end()))
        self.assertFalse(gate.ended_early)

    def test_ranks_always_end_after_the_same_step_and_save_exactly_what_is_due(self):
        ended = saved = cancelled = 0
        for seed in range(SEED, SEED + CASES):
            world = World(seed)
            with self.subTest(seed=seed):
                world.run()
                world.check()
            ended += any(world.confirmed.values())
            saved += bool(world.confirmed)
            cancelled += world.margin > 1
        for reached in (ended, saved, cancelled):
            self.assertGreater(reached, CASES // 20)

    def test_the_check_finds_planted_bugs(self):
        for planted in ("late-promise", "no-wait"):
            found = 0
            for seed in range(SEED, SEED + 300):
                world = World(seed, planted)
                try:
                    world.run()
                    world.check()
                except AssertionError:
                    found += 1
            self.assertGreater(found, 0, planted)
