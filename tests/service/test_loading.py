"""Archives that are loaded: however long that takes, others are answered."""

import threading

import anyio
import anyio.to_thread

from imagedb.http.loading import LOADS, Tell, _streamed


def test_loads_hold_no_thread_of_requests() -> None:
    """Those at work have threads of their own, and are so many and no more."""
    done, at_work = threading.Event(), threading.Semaphore(0)
    begun: list[object] = []

    def run(tell: Tell) -> None:
        at_work.release()
        assert done.wait(10)
        tell({"stream": "done"})

    async def load() -> None:
        begun.extend([line async for line in _streamed(run).body_iterator])

    async def ask() -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 1
        async with anyio.create_task_group() as group:
            for _ in range(LOADS + 1):
                group.start_soon(load)
            await anyio.sleep(0.3)
            with anyio.move_on_after(2) as waited:
                await anyio.to_thread.run_sync(len, b"", abandon_on_cancel=True)
            are_all = [at_work.acquire(blocking=False) for _ in range(LOADS + 1)]
            done.set()
        assert not waited.cancelled_caught
        assert are_all == [True] * LOADS + [False]

    anyio.run(ask)
    assert begun == [b'{"stream":"done"}\n'] * (LOADS + 1)
