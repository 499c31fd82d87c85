"""Clients that say something again and again, to whichever of some addresses answers."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Self
from uuid import uuid4

import httpx

_GONE = (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)
_TRIES = 100
_ENDED = {"succeeded", "dead_letter", "cancelled"}


class SteadyLoad:
    """Posts turns from several threads, a user each: the next one when the job of one has ended.

    So the load is what the workers keep up with.

    base_urls: the list may change meanwhile. What breaks off or is answered 503 is repeated with
    its idempotency key at the next address, as a balancer and a good client do. accepted: the job
    ids. moved: connections that broke. waited: answers of 503 with Retry-After. refused: any other
    answer that is no success.
    """

    def __init__(self, base_urls: list[str], key: str, clients: int = 6) -> None:
        self._base_urls = base_urls
        self._headers = {"Authorization": f"Bearer {key}"}
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(clients)
        self._clients = clients
        self.accepted: list[str] = []
        self.moved: Counter[str] = Counter()
        self.waited = 0
        self.requests = 0
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._running = [self._pool.submit(self._go_on, f"load-{n}") for n in range(self._clients)]
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Post no more; what is under way is answered first, and what failed is raised."""
        self._ending.set()
        for done in self._running:
            done.result()
        self._pool.shutdown()

    def _go_on(self, user_id: str) -> None:
        with httpx.Client(headers=self._headers, timeout=30, trust_env=False) as client:
            number = 0
            while not self._ending.wait(0.02):
                number += 1
                turn = {"user_query": f"I have {number} stamps of {user_id}.", "user_id": user_id}
                answer = self._ask(client, "POST", "/v2/memory/ingest", turn)
                if answer is None:
                    continue
                self.accepted.append(answer.json()["job_id"])
                self._follow(client, answer.json()["status_url"])
                if number % 5 == 0:
                    query = {"query": "stamps", "user_id": user_id}
                    self._ask(client, "POST", "/v2/memory/search", query)

    def _follow(self, client, status_url: str) -> None:
        """Ask for a job until it has ended."""
        answer = None
        while answer is None or answer.json()["status"] not in _ENDED:
            answer = self._ask(client, "GET", f"{status_url}?wait=5")
            if self._ending.is_set():
                return

    def _ask(self, client, method: str, path: str, body=None) -> httpx.Response | None:
        """Insist on an answer, at one address after the other; None if it is refused.

        Raises:
            AssertionError: There is none.
        """
        key = {"Idempotency-Key": uuid4().hex}
        for _ in range(_TRIES):
            addresses = list(self._base_urls)
            self.requests += 1
            base_url = addresses[self.requests % len(addresses)]
            try:
                answer = client.request(method, base_url + path, json=body, headers=key)
            except _GONE as error:
                self.moved[type(error).__name__] += 1
                self._ending.wait(0.05)
                continue
            if answer.is_success:
                return answer
            if answer.status_code != 503 or "Retry-After" not in answer.headers:
                self.refused[f"{answer.status_code} {answer.text[:200]}"] += 1
                return None
            self.waited += 1
            self._ending.wait(0.2)
        raise AssertionError(f"{method} {path}: no answer")
