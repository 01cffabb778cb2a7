"""Python's grpcio as a client of EchoService.cs: one line for each claim, 'ok CLAIM' or 'bad CLAIM: why'."""
import sys
import time
import traceback

import grpc

target, *files = sys.argv[1:]
options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
if files:
    authority, certificate, key = (open(path, "rb").read() for path in files)
    channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(authority, key, certificate), options)
else:
    channel = grpc.insecure_channel(target, options)


def unary(name):
    return channel.unary_unary("/test.Echo/" + name)


def stream(name):
    return channel.stream_stream("/test.Echo/" + name)


def refused(call, code, text=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, error
        assert text is None or error.details() == text, error.details()
    else:
        raise AssertionError("it was not refused")


def a_message_of_any_length_comes_back():
    for length in (0, 1, 4, 5, 100, 16_000, 70_000, 1_000_000, 2 * 1024 * 1024):
        message = bytes(i % 253 for i in range(length)) if length < 100_000 else b"m" * length
        assert unary("Unary")(message) == message, length


def a_message_over_the_limit_is_refused_by_name():
    refused(lambda: unary("Unary")(b"m" * (2 * 1024 * 1024 + 1)), grpc.StatusCode.RESOURCE_EXHAUSTED,
            "grpc: received message larger than max (2097153 vs. 2097152)")


def a_large_answer_arrives():
    assert len(unary("Large")(b"50000000")) == 50_000_000


def every_status_arrives_with_its_text():
    for code in grpc.StatusCode:
        if code != grpc.StatusCode.OK:
            for text in ("plain", "größer als 100 % \n tab\t", ""):
                refused(lambda: unary("Fail")(f"{code.value[0]} {text}".encode()), code, text)


def an_unknown_method_and_service_are_unimplemented():
    refused(lambda: unary("Nothing")(b""), grpc.StatusCode.UNIMPLEMENTED, "unknown method Nothing for service test.Echo")
    refused(lambda: channel.unary_unary("/other.Service/Nothing")(b""), grpc.StatusCode.UNIMPLEMENTED, "unknown service other.Service")


def metadata_arrives():
    assert unary("Metadata")(b"x-test", metadata=[("x-test", "value")]) == b"value"
    assert unary("Metadata")(b"x-other", metadata=[("x-test", "value")]) == b""


def a_deadline_ends_the_call():
    began = time.monotonic()
    refused(lambda: unary("Slow")(b"", timeout=0.2), grpc.StatusCode.DEADLINE_EXCEEDED)
    assert time.monotonic() - began < 20


def the_server_learns_that_a_caller_gave_up():
    before = int(unary("Ended")(b""))
    call = unary("Slow").future(b"")
    while int(unary("Begun")(b"")) <= before:
        time.sleep(0.01)
    call.cancel()
    while int(unary("Ended")(b"")) <= before:
        time.sleep(0.01)


def messages_go_both_ways_in_order():
    sent = [b"%d" % i * (i % 50) for i in range(2000)]
    assert list(stream("Duplex")(iter(sent))) == sent


def an_answer_comes_before_the_next_message():
    import queue
    box = queue.Queue()
    answers = stream("Duplex")(iter(box.get, None))
    for i in range(50):
        box.put(b"%d" % i)
        assert next(answers) == b"%d" % i
    box.put(None)
    assert list(answers) == []


def headers_come_before_the_first_message():
    import queue
    box = queue.Queue()
    answers = stream("Duplex")(iter(box.get, None))
    answers.initial_metadata()
    box.put(None)
    assert list(answers) == []


def a_stream_of_large_messages_arrives_whole():
    answers = list(stream("Stream")(iter([b"40 1000000"])))
    assert [len(answer) for answer in answers] == [1_000_000] * 40
    assert all(set(answer) == {i % 251} for i, answer in enumerate(answers))


def a_stream_that_fails_says_why_after_its_messages():
    answers = stream("Broken")(iter([b"a", b"b", b"c", b"d"]))
    got = []
    refused(lambda: got.extend(iter(lambda: next(answers), None)), grpc.StatusCode.FAILED_PRECONDITION, "größer als 100 %")


def many_calls_at_once_are_all_answered():
    calls = [unary("Unary").future(b"%d" % i) for i in range(3000)]
    assert [call.result() for call in calls] == [b"%d" % i for i in range(3000)]


bad = 0
for claim in [f for n, f in list(globals().items()) if callable(f) and getattr(f, "__module__", "") == "__main__" and "_" in n]:
    try:
        claim()
        print("ok", claim.__name__, flush=True)
    except Exception:
        bad += 1
        print("bad", claim.__name__ + ":", traceback.format_exc().replace("\n", " | "), flush=True)
sys.exit(bad)
