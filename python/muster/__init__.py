"""Take part in a training run under Muster: coordinated checkpoints, steps, stopping. Standard library only.

    import muster

    run = muster.join()
    dir = run.restore()
    state = load(dir) if dir else fresh()
    for step in run.steps(total):
        loss = train(state, step)
        run.report(loss=loss)
        run.checkpoint(lambda dir: save(state, dir))
"""

from ._errors import KeeperRefused, KeeperUnreachable, MusterError, WorldChanged
from ._files import CheckpointDirectory, Shard
from ._run import TrainingRun, join

__version__ = "0.1.0"
__all__ = [
    "CheckpointDirectory",
    "KeeperRefused",
    "KeeperUnreachable",
    "MusterError",
    "Shard",
    "TrainingRun",
    "WorldChanged",
    "join",
]
