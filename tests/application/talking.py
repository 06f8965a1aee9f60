"""A conversation in whole answers, held as one whose answers come in pieces."""

from typing import TypeVar

from application.ports.network import Flow, Request, Response, Stream, begun, more
from domain.errors import WireFailure

T = TypeVar("T")


def in_pieces(flow: Flow[T]) -> Stream[T]:
    """The same, for a wire that knows pieces alone."""
    try:
        request = next(flow)
        while True:
            try:
                response = yield from whole(request)
            except WireFailure as failure:
                request = flow.throw(failure)
            else:
                request = flow.send(response)
    except StopIteration as stop:
        learned: T = stop.value
        return learned
    finally:
        flow.close()


def whole(request: Request) -> Stream[Response]:
    """All of the answer, however large."""
    head = yield from begun(request)
    body = b""
    while piece := (yield from more()):
        body += piece
    return Response(head.status, head.headers, body)
