"""The same little service as EchoService.cs, by Python's grpcio. Prints its port, then serves until its input ends."""
import sys
from concurrent import futures

import grpc


def fail(request, context):
    code, _, text = request.decode().partition(" ")
    context.abort([c for c in grpc.StatusCode if c.value[0] == int(code)][0], text)


def metadata(request, context):
    return dict(context.invocation_metadata()).get(request.decode(), "").encode()


def slow(request, context):
    while context.is_active():
        import time
        time.sleep(0.01)
    return b""


def stream(requests, context):
    count, length = map(int, next(requests).split())
    for i in range(count):
        yield bytes([i % 251]) * length


def broken(requests, context):
    for i, request in enumerate(requests):
        yield request
        if i == 2:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "größer als 100 %")


def main():
    authority, certificate, key = (sys.argv[1:] + [None] * 3)[:3]
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", 8 << 20), ("grpc.max_send_message_length", -1)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", {
        "Unary": grpc.unary_unary_rpc_method_handler(lambda request, context: request),
        "Large": grpc.unary_unary_rpc_method_handler(lambda request, context: b"x" * int(request)),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
        "Metadata": grpc.unary_unary_rpc_method_handler(metadata),
        "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "Duplex": grpc.stream_stream_rpc_method_handler(lambda requests, context: requests),
        "Stream": grpc.stream_stream_rpc_method_handler(stream),
        "Broken": grpc.stream_stream_rpc_method_handler(broken),
    }),))
    if authority:
        read = lambda path: open(path, "rb").read()
        credentials = grpc.ssl_server_credentials([(read(key), read(certificate))], read(authority), True)
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()


main()
