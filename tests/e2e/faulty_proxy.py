"""Stands between a client of AWS KMS and the KMS, counts, and lets happen what happens on networks."""
import asyncio
import collections
import json
import random
import re
import threading


def answer(status, name):
    body = json.dumps({"__type": name, "message": "made up by the proxy"}).encode()
    return (f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


async def read_message(reader):
    """One HTTP message with a Content-Length; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return head + await reader.readexactly(length), head
    except (asyncio.IncompleteReadError, ConnectionError):
        return None, None


class FaultyProxy:
    """Of `faults`, each with its probability: "throttled", "failed" (HTTP 500), "lost" (dropped before the KMS has it), "unanswered" (dropped
    after the KMS has done it). `silent` swallows everything and never answers; `held` keeps calls back, `delay` (seconds) makes them slow."""

    def __init__(self, port, faults=None, seed=1, silent=False):
        self.upstream, self.faults, self.silent = port, faults or {}, silent
        self.random = random.Random(seed)
        self.held, self.delay = False, 0.0
        self.denied = set()  # operations that AWS would not allow
        self.date = None  # what the answers' Date says instead
        self.calls = collections.Counter()
        self.made_up = collections.Counter()
        self.most_at_once = self.at_once = 0
        self.loop, self.stop = asyncio.new_event_loop(), asyncio.Event()
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        started.wait()
        self.url = f"http://127.0.0.1:{self.port}"

    def close(self):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join()

    def _run(self, started):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen(started))
        self.loop.close()

    async def _listen(self, started):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self.stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _fault(self):
        dice = self.random.random()
        for name, probability in self.faults.items():
            if dice < probability:
                self.made_up[name] += 1
                return name
            dice -= probability
        return None

    async def _serve(self, reader, writer):
        upstream = None
        try:
            while True:
                request, head = await read_message(reader)
                if request is None:
                    return
                operation = head.split(b"TrentService.")[1].split(b"\r\n")[0].decode()
                self.calls[operation] += 1
                if operation in self.denied:
                    writer.write(answer(400, "AccessDeniedException"))
                    continue
                if self.silent:
                    await asyncio.sleep(3600)
                fault = self._fault()
                if fault == "lost":
                    return
                if fault in ("throttled", "failed"):
                    writer.write(answer(400, "ThrottlingException") if fault == "throttled" else answer(500, "KMSInternalException"))
                    continue
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                if self.delay:
                    await asyncio.sleep(self.delay)
                while self.held:
                    await asyncio.sleep(0.01)
                if upstream is None:
                    upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
                upstream[1].write(request)
                response, _ = await read_message(upstream[0])
                self.at_once -= 1
                if response is None or fault == "unanswered":
                    return
                if self.date:
                    response = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: " + self.date.encode(), response, count=1)
                writer.write(response)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            if upstream:
                upstream[1].close()
