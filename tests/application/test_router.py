"""The interface for programs: real failover, each attempt in the history, exceptions judged."""

import asyncio
import concurrent.futures
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import aura_intelligence
from aura_intelligence import ModelAccess, NoAnswer, NoCandidate, Router, open_router
from domain.errors import NotFound, RecordDamaged
from tests.adapters.homes import REPOSITORY
from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer, scripted_server

BODY = {"messages": [{"role": "user", "content": "hello"}]}


def opened(cli: Program) -> Router:
    return open_router(cli.environment())


def chat(access: ModelAccess) -> str:
    """What a program does with it."""
    answer = httpx.post(
        f"{access.base_url}/chat/completions",
        json={"model": access.model, **BODY},
        headers=access.headers,
        timeout=5,
    )
    answer.raise_for_status()
    return f"{access.ref}: {answer.json()['choices'][0]['message']['content']}"


def history(cli: Program) -> list[tuple[str, str | None, str, str]]:
    """Oldest first."""
    records = cli("models history --json").document["records"]
    return [(r["kind"], r["model"], r["outcome"], r["credential"]) for r in reversed(records)]


def test_the_first_that_answers_is_what_run_returns(chain: Program) -> None:
    with opened(chain) as router:
        assert router.run(None, chat) == "gate/ok: OK."
        assert router.run("spare/ok", chat) == "spare/ok: OK."
    assert history(chain) == [
        ("use", "gate/ok", "ok", "proven"),
        ("use", "spare/ok", "ok", "proven"),
    ]


def test_run_works_inside_a_running_event_loop_as_a_notebook_has_one(chain: Program) -> None:
    async def cell() -> str:
        with opened(chain) as router:
            return router.run("gate/limited", chat)

    assert asyncio.run(cell()) == "spare/ok: OK."


def test_run_leaves_the_event_loop_of_its_thread_alone(chain: Program) -> None:
    mine = asyncio.new_event_loop()
    asyncio.set_event_loop(mine)
    try:
        with opened(chain) as router:
            router.run(None, chat)
        assert asyncio.get_event_loop_policy().get_event_loop() is mine
    finally:
        asyncio.set_event_loop(None)
        mine.close()


@pytest.mark.parametrize(
    ("model", "outcome", "credential"),
    [
        ("limited", "rate_limit", "proven"),
        ("unauthorized", "auth", "refused"),
        ("payment", "billing", "proven"),
        ("missing", "no_model", "proven"),
        ("broken", "provider_error", "unknown"),
    ],
)
def test_what_a_provider_refuses_the_next_one_answers(
    chain: Program, model: str, outcome: str, credential: str
) -> None:
    with opened(chain) as router:
        assert router.run(f"gate/{model}", chat) == "spare/ok: OK."
    assert history(chain) == [
        ("use", f"gate/{model}", outcome, credential),
        ("use", "spare/ok", "ok", "proven"),
    ]
    first = chain(f"models resolve gate/{model} --json").document["candidates"][0]
    assert first["outcome"] == outcome


def test_what_is_out_is_not_tried_again(chain: Program, server: ScriptedServer) -> None:
    with opened(chain) as router:
        router.run("gate/unauthorized", chat)
        server.seen.clear()
        assert router.run("gate/unauthorized", chat) == "spare/ok: OK."
        assert [model for _, model, _ in server.seen] == ["ok"]
        assert not router.route("gate/unauthorized").attempts[0].usable


def test_when_all_fail_it_is_told_of_each_and_of_the_last_cause(gateway: Program) -> None:
    gateway.must("models set gate/broken")
    with opened(gateway) as router, pytest.raises(NoAnswer) as caught:
        router.run(None, chat)
    assert str(caught.value) == (
        "nothing answered: gate/broken with gate:default: provider_error (server_error)"
    )
    assert isinstance(caught.value.__cause__, httpx.HTTPStatusError)
    with opened(gateway) as router, pytest.raises(NoCandidate):
        router.run(None, chat)


def test_a_callers_own_exception_is_raised_as_it_is_and_held_against_nobody(
    chain: Program,
) -> None:
    mistake = ValueError("not the JSON that was wanted")

    def wrong(_: ModelAccess) -> str:
        raise mistake

    with opened(chain) as router, pytest.raises(ValueError, match="not the JSON") as caught:
        router.run(None, wrong)
    assert caught.value is mistake
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]
    assert chain("models resolve --plain").out == "gate/ok\n"


def test_a_coroutine_function_is_sent_to_the_other_method(chain: Program) -> None:
    with opened(chain) as router, pytest.raises(TypeError, match="run_async"):
        assert router.run(None, asynchronously)  # type: ignore[truthy-bool]
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]


def test_what_somebody_else_refused_inside_the_call_is_not_held_against_the_provider(
    chain: Program, tmp_path: Path
) -> None:
    with scripted_server() as database:

        def call(access: ModelAccess) -> str:
            httpx.get(f"{database.url}/x", headers={"x-api-key": BAD}).raise_for_status()
            return access.ref

        with opened(chain) as router, pytest.raises(httpx.HTTPStatusError):
            router.run(None, call)
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]


def test_a_run_within_a_run_is_a_story_of_its_own(
    chain: Program, server: ScriptedServer, tmp_path: Path
) -> None:
    other = Program(tmp_path / "other", {"OPENAI_API_KEY": BAD, "OPENAI_BASE_URL": server.url})
    with opened(chain) as outer, opened(other) as inner, pytest.raises(NoAnswer):
        outer.run(None, lambda _: inner.run("openai/ok", chat))
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]


def test_an_interruption_is_none_of_the_providers_doing(chain: Program) -> None:
    def interrupted(_: ModelAccess) -> str:
        raise KeyboardInterrupt

    with opened(chain) as router, pytest.raises(KeyboardInterrupt):
        router.run(None, interrupted)
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]


def test_it_works_in_a_loop_as_well(chain: Program) -> None:
    async def main() -> str:
        async with opened(chain) as router:
            return await router.run_async("gate/limited", asynchronously)

    assert asyncio.run(main()) == "spare/ok: OK."
    assert [outcome for _, _, outcome, _ in history(chain)] == ["rate_limit", "ok"]


async def asynchronously(access: ModelAccess) -> str:
    async with httpx.AsyncClient(headers=access.headers) as client:
        answer = await client.post(
            f"{access.base_url}/chat/completions", json={"model": access.model, **BODY}
        )
    answer.raise_for_status()
    return f"{access.ref}: {answer.json()['choices'][0]['message']['content']}"


def test_a_cancelled_task_is_recorded_as_such(chain: Program) -> None:
    async def main() -> None:
        called = asyncio.Event()

        async def hang(_: ModelAccess) -> str:
            called.set()
            await asyncio.Event().wait()
            return ""

        async with opened(chain) as router:
            task = asyncio.create_task(router.run_async(None, hang))
            await called.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert history(chain) == [("use", "gate/ok", "cancelled", "unknown")]


def test_a_slow_provider_is_a_timeout(chain: Program) -> None:
    def impatient(access: ModelAccess) -> str:
        if access.provider == "gate":
            raise httpx.ReadTimeout("slow")
        return access.ref

    with opened(chain) as router:
        assert router.run(None, impatient) == "spare/ok"
    assert [outcome for _, _, outcome, _ in history(chain)] == ["timeout", "ok"]


def test_what_a_call_is_given_shows_no_secret_by_accident(chain: Program) -> None:
    seen: list[ModelAccess] = []
    with opened(chain) as router:
        router.run(None, lambda access: seen.append(access))
    (access,) = seen
    assert (access.provider, access.model, access.dialect) == ("gate", "ok", "openai")
    assert (access.profile_id, access.scheme, access.api_key) == ("gate:default", "bearer", GOOD)
    assert access.headers == {"authorization": f"Bearer {GOOD}"}
    assert GOOD not in repr(access) + str(access) + f"{access}"


def test_a_server_without_a_key_is_asked_without_one(cli: Program, server: ScriptedServer) -> None:
    cli.must(f"models providers add open --base-url {server.url} --dialect openai")
    with opened(cli) as router:
        given = router.run("open/ok", lambda access: (access.headers, access.api_key))
        assert router.run("open/ok", chat) == "open/ok: OK."
    assert given == ({}, "EMPTY")


def test_profiles_of_one_provider_take_turns(chain: Program, server: ScriptedServer) -> None:
    second = "sk-scripted-good-0002"
    chain.must("models auth add --provider gate --profile-id b --stdin --no-verify", stdin=second)
    with opened(chain) as router:
        used = [router.run(None, lambda access: access.profile_id) for _ in range(4)]
    assert sorted(used[:2], key=str) == ["gate:b", "gate:default"]
    assert used[2:] == used[:2]


def test_the_router_refuses_what_it_does_not_know(chain: Program) -> None:
    with opened(chain) as router, pytest.raises(NotFound):
        router.run("nobody/x", chat)


def test_a_secret_that_does_not_open_ends_it_unless_it_may_be_passed_over(chain: Program) -> None:
    import sqlite3

    with sqlite3.connect(chain.store) as store:
        store.execute("UPDATE profiles SET sealed = zeroblob(100) WHERE id = 'gate:default'")
    store.close()
    with opened(chain) as router:
        with pytest.raises(RecordDamaged) as refused:
            router.run(None, chat)
        assert "--skip-damaged" in (refused.value.hint or "")
        assert router.run(None, chat, skip_damaged=True) == "spare/ok: OK."
    told = [outcome for _, _, outcome, _ in history(chain)]
    assert told == ["unreadable", "unreadable", "ok"]


@pytest.mark.parametrize("model", ["ok", "limited"])
def test_ten_threads_share_a_router(chain: Program, model: str) -> None:
    with opened(chain) as router, concurrent.futures.ThreadPoolExecutor(10) as pool:
        asked: Callable[[Any], str] = lambda _: router.run(f"gate/{model}", chat)  # noqa: E731
        answers = list(pool.map(asked, range(20)))
        assert router.unrecorded is None
    assert set(answers) == {"gate/ok: OK." if model == "ok" else "spare/ok: OK."}
    told = history(chain)
    assert sum(outcome == "ok" for _, _, outcome, _ in told) == 20
    assert {outcome for _, _, outcome, _ in told} <= {"ok", "rate_limit"}


WORKER = """
import sys, httpx
from aura_intelligence import open_router
def call(access):
    answer = httpx.post(f"{access.base_url}/chat/completions", headers=access.headers, timeout=10,
        json={"model": access.model, "messages": []})
    answer.raise_for_status()
    return access.ref
with open_router() as router:
    print(*[router.run("gate/limited", call) for _ in range(2)])
"""


def test_processes_share_a_store(chain: Program) -> None:
    by_processes(chain, 3)


@pytest.mark.soak
def test_many_processes_share_a_store(chain: Program) -> None:
    by_processes(chain, 20)


def by_processes(chain: Program, count: int) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=chain.environment(),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert answers == [["spare/ok"] * 2] * count
    outcomes = [outcome for _, _, outcome, _ in history(chain)]
    assert outcomes.count("ok") == 2 * count
    assert 1 <= outcomes.count("rate_limit") <= 2 * count
    assert set(outcomes) == {"ok", "rate_limit"}


def test_a_variable_alone_is_enough(cli: Program, server: ScriptedServer) -> None:
    cli.environ.update(OPENAI_API_KEY=BAD, OPENAI_BASE_URL=server.url)
    with opened(cli) as router:
        with pytest.raises(NoAnswer):
            router.run("openai/ok", chat)
        with pytest.raises(NoCandidate):
            router.run("openai/ok", chat)


def test_it_is_part_of_what_the_module_offers() -> None:
    for name in ("open_router", "Router", "ModelAccess", "NoAnswer", "NoCandidate", "AuraError"):
        assert name in aura_intelligence.__all__
