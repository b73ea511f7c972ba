"""Limits hold whatever the endpoint does."""

import asyncio

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from digest.web.guard import POLICY, Guard


def app(endpoint):
    return Starlette(
        routes=[Route("/", endpoint)], middleware=[Middleware(Guard, policy=POLICY, seconds=0.05)], debug=False
    )


def test_an_endpoint_that_hangs_is_ended_with_words(caplog):
    async def hang(_request):
        await asyncio.Event().wait()

    answer = TestClient(app(hang)).get("/")
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text
    assert "TimeoutError" in caplog.text


def test_an_answer_that_began_in_time_may_go_on():
    async def pieces():
        for _ in range(4):
            await asyncio.sleep(0.03)
            yield b"."

    async def slow(_request):
        return StreamingResponse(pieces())

    assert TestClient(app(slow)).get("/").text == "...."


def test_a_failure_in_the_middle_of_an_answer_is_logged_once(caplog):
    async def pieces():
        yield b"."
        raise ValueError("secret")

    async def broken(_request):
        return StreamingResponse(pieces())

    assert TestClient(app(broken)).get("/").text == "."
    assert "secret" not in caplog.text
    assert len(caplog.messages) == 1
