"""Prints one JSON object: what a call of report() costs the loop. Started by report.py, which plays the keeper."""

import json
import sys
import time

import muster

count, pause = int(sys.argv[1]), int(sys.argv[2]) * 1000
run = muster.join()
times = []
clock = time.perf_counter_ns
for step in run.steps(count):
    begin = clock()
    run.report(loss=2.5, rate=3e-4)
    end = clock()
    times.append(end - begin)
    while clock() - end < pause:
        pass  # the step's own work
times.sort()


def microseconds(share):
    return round(times[min(count - 1, int(share * count))] / 1000, 3)


print(json.dumps({"mean_us": round(sum(times) / count / 1000, 3), "p50_us": microseconds(0.5), "p99_us": microseconds(0.99), "max_us": microseconds(1)}))
