"""A program that calls over a pooled connection, forks, and calls in both processes: `python forks.py COLOUR URL`.

It prints how many calls of each process were answered. The server sees over which connections they came.
"""

import asyncio
import os
import sys

from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient, CascadesClient


async def _calls(client: AsyncCascadesClient, count: int) -> int:
    return sum([isinstance(await client.get_public_api_version(), Success) for _ in range(count)])


def main(colour: str, url: str) -> None:
    """One call, the fork, two calls of the child, and one more of the parent."""
    if colour == "sync":
        client = CascadesClient(url, timeout=5.0)

        def calls(count: int) -> int:
            return sum(isinstance(client.get_public_api_version(), Success) for _ in range(count))
    else:
        # A fork inside a running loop would share the loop: the parent's runs on afterwards, the child makes its own.
        shared = AsyncCascadesClient(url, timeout=5.0)
        loop = asyncio.new_event_loop()

        def calls(count: int) -> int:
            return loop.run_until_complete(_calls(shared, count))

    print("warm", calls(1), flush=True)
    child = os.fork()
    if child == 0:
        if colour != "sync":
            loop = asyncio.new_event_loop()
        print("child", calls(2), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print("parent", calls(1), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
