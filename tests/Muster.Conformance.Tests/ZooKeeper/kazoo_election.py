"""Three kazoo clients elect a leader, three times over, on the ZooKeeper named: exactly one leads at a time, and everybody has a turn."""
import sys
import threading

from kazoo.client import KazooClient

turns, leading, lock = [], [], threading.Lock()


def contend(name):
    client = KazooClient(hosts=sys.argv[1], timeout=10)
    client.start(timeout=60)
    election = client.Election("/kazoo-election", name)

    def lead():
        with lock:
            leading.append(name)
            assert len(leading) == 1, f"{leading} lead at once"
        client.sync("/kazoo-election")
        with lock:
            leading.remove(name)
            turns.append(name)

    election.run(lead)
    client.stop()
    client.close()


threads = [threading.Thread(target=contend, args=(f"c{i}",)) for i in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(90)
assert sorted(turns) == ["c0", "c1", "c2"], turns
print("each led once:", *turns)
