"""N ranks with a StepGate each, coupled as by a collective in every step, and a coordinator that proposes, confirms and cancels.

One seed decides every interleaving: who moves next, when a wish arrives, when it is lost to a newer one, when an answer arrives.
"""

import random

from muster._gate import CANCELLED, CONFIRMED, END, PROPOSED, SAVE, WAIT, Request, StepGate


class Rank:
    def __init__(self, every, total):
        self.gate = StepGate(every, 0)
        self.total = total
        self.phase = "start"
        self.wish = None  # newest wish not read yet: [request] or None
        self.answers = []  # on their way to the coordinator
        self.saved = []
        self.ended_at = None


class World:
    """``planted``: None, or a bug that the checks must find: "late-promise" or "no-wait"."""

    def __init__(self, seed, planted=None):
        self.random = random.Random(seed)
        self.planted = planted
        self.every = self.random.choice([0, 0, 3, 7])
        self.total = self.random.randint(1, 40)
        self.ranks = [Rank(self.every, self.total) for _ in range(self.random.randint(1, 5))]
        self.request = None
        self.promised = set()
        self.next_id = 1
        self.margin = 1
        self.confirmed = {}  # step -> ends
        self.proposals = 0

    def run(self):
        for _ in range(20_000):
            moves = [move for move in self.moves()]
            if not moves:
                break
            self.random.choice(moves)()
        else:
            raise AssertionError("the ranks never ended")

    def moves(self):
        for rank in self.ranks:
            if self.can_step(rank):
                yield lambda rank=rank: self.step(rank)
            if rank.wish is not None:
                yield lambda rank=rank: self.deliver(rank)
            if rank.answers:
                yield lambda rank=rank: self.hear(rank)
        busy = any(rank.phase != "over" for rank in self.ranks)
        if busy and self.request is None and self.proposals < 12:
            yield self.propose
        if self.request is not None and self.request.state == CANCELLED:
            yield self.withdraw
        if self.request is not None and self.request.state == CONFIRMED and not self.request.ends:
            if all(rank.gate.done > self.request.step or rank.phase == "over" for rank in self.ranks):
                yield self.withdraw

    def can_step(self, rank):
        if rank.phase == "over":
            return False
        if rank.phase == "body":  # the collective: nobody finishes a step that another has not begun
            return all(other.gate.done > rank.gate.done or (other.phase == "body" and other.gate.done == rank.gate.done) for other in self.ranks)
        if rank.phase == "save":
            return self.planted == "no-wait" or rank.gate.at_save() != WAIT
        return self.planted == "no-wait" or rank.phase == "start" or rank.gate.at_end() != WAIT

    def step(self, rank):
        gate = rank.gate
        if rank.phase == "start":
            gate.begin(self.total)
            rank.phase = "end"
        elif rank.phase == "body":
            gate.reach(gate.done + 1)
            rank.phase = "save"
        elif rank.phase == "save":
            if gate.at_save() == SAVE:
                rank.saved.append(gate.done)
            rank.phase = "end"
        elif gate.at_end() == END:
            gate.leave()
            rank.phase, rank.ended_at = "over", gate.done
        else:
            rank.phase = "body"

    def tell(self):
        for rank in self.ranks:
            rank.wish = [self.request]  # replaces one not read yet: only the newest counts

    def deliver(self, rank):
        (request,), repeat = rank.wish, self.random.random() < 0.3
        rank.wish = None
        answer = rank.gate.on_wish(request)
        if answer is None and repeat:  # the stream broke and was opened again
            answer = rank.gate.standing_answer
        if answer is not None and self.planted == "late-promise":
            answer = answer._replace(promises=True)
        if answer is not None:
            rank.answers.append(answer)
        if repeat and self.random.random() < 0.5:
            rank.wish = [self.request]

    def hear(self, rank):
        answer = rank.answers.pop(0)
        request = self.request
        if request is None or answer.id != request.id or request.state != PROPOSED:
            return
        if not answer.promises:
            self.margin *= 2
            self.request = request._replace(state=CANCELLED)
            self.tell()
            return
        self.promised.add(self.ranks.index(rank))
        if len(self.promised) == len(self.ranks):
            self.confirmed[request.step] = request.ends or self.confirmed.get(request.step, False)
            self.request = request._replace(state=CONFIRMED)
            self.tell()

    def propose(self):
        furthest = max(rank.gate.done for rank in self.ranks)
        self.request = Request(self.next_id, furthest + self.random.randint(0, self.margin), self.random.random() < 0.3, PROPOSED)
        self.next_id += 1
        self.proposals += 1
        self.promised = set()
        self.tell()

    def withdraw(self):
        self.request = None
        if self.random.random() < 0.5:
            self.tell()  # otherwise the next proposal replaces it

    def check(self):
        """What must hold: nobody stuck, all ended after the same step, and saved exactly what was due."""
        stuck = [i for i, rank in enumerate(self.ranks) if rank.phase != "over"]
        assert not stuck, f"ranks {stuck} wait forever in {[(r.phase, r.gate.done) for r in self.ranks]} with {self.request}"
        ends = min([step for step, ends in self.confirmed.items() if ends] + [self.total])
        assert {rank.ended_at for rank in self.ranks} == {ends}, f"ended at {[r.ended_at for r in self.ranks]}, not at {ends}"
        due = sorted({s for s in range(1, ends + 1) if (self.every and s % self.every == 0) or s in self.confirmed or s == self.total})
        for rank in self.ranks:
            assert rank.saved == due, f"saved {rank.saved}, due were {due}"
