"""Finds a suggestion, says so with an empty line, and applies it; run by test_processes in a process to be killed."""

import asyncio

from modelmerit.app import open_app


async def main() -> None:
    async with open_app() as app:
        suggestion = (await app.analysing.findings()).proposed[0]
        print(flush=True)
        await app.approving.apply(suggestion.id, approved=suggestion.change, who="test")


if __name__ == "__main__":
    asyncio.run(main())
