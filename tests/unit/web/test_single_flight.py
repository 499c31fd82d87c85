import asyncio

import pytest

from web.edge.limits import SingleFlight


@pytest.mark.timeout(10)
def test_who_asks_in_the_moment_the_work_ends_waits_for_work_of_its_own():
    async def scenario() -> int:
        flight, landing, landed = SingleFlight(), asyncio.Event(), 0

        async def work() -> None:
            nonlocal landed
            await landing.wait()
            landed += 1

        async def wants(times: int) -> None:
            await landing.wait()  # runs in the same turn of the loop in which the first work ends
            while landed < times:
                await flight.share(work)

        first = asyncio.create_task(flight.share(work))
        await asyncio.sleep(0)
        late = [asyncio.create_task(wants(3)) for _ in range(5)]
        await asyncio.sleep(0)
        landing.set()
        await asyncio.gather(first, *late)
        return landed

    assert asyncio.run(scenario()) == 3


def test_all_who_wait_share_an_error_and_the_next_tries_again():
    async def scenario() -> tuple[list[BaseException | None], int]:
        flight, tries = SingleFlight(), 0

        async def away() -> None:
            nonlocal tries
            tries += 1
            await asyncio.sleep(0)
            raise ConnectionError

        shared = [flight.share(away) for _ in range(20)]
        outcomes = await asyncio.gather(*shared, return_exceptions=True)
        with pytest.raises(ConnectionError):
            await flight.share(away)
        return outcomes, tries

    outcomes, tries = asyncio.run(scenario())

    assert {type(outcome) for outcome in outcomes} == {ConnectionError}
    assert tries == 2


def test_work_goes_on_for_the_others_when_one_who_waits_leaves():
    async def scenario() -> bool:
        flight, landing = SingleFlight(), asyncio.Event()

        async def work() -> None:
            await landing.wait()

        leaving, staying = (asyncio.create_task(flight.share(work)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        landing.set()
        await staying
        return leaving.cancelled()

    assert asyncio.run(scenario())
