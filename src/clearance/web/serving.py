"""Runs the application on a socket, and stops it cleanly."""

import errno
import socket
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

GRACE_S = 5
START_S = 15.0


class CannotServe(OSError):
    """The address cannot be used; the message says why and what to do."""


class Server(uvicorn.Server):
    """A server whose event streams end when it is asked to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._end_streams()
        super().handle_exit(sig, frame)

    def ask_to_stop(self) -> None:
        """From any thread."""
        self._end_streams()
        self.should_exit = True

    def _end_streams(self) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.tower.hub.close_soon()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises :class:`CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only where the protocol is named; otherwise every answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotServe(_why(error, host, port)) from None
    listener.set_inheritable(False)
    return listener


def ensure_free(host: str, port: int) -> None:
    """Raise :class:`CannotServe` at once, before anything has begun that would have to end again."""
    bind(host, port).close()


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Serve until interrupted; raises :class:`CannotServe` when the address cannot be used."""
    listener = bind(host, port)
    try:
        _server(app, host, port).run(sockets=[listener])
    finally:
        listener.close()


class Background:
    """Serves in a thread of its own: ``with Background(app) as server: server.url``."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = bind(host, port)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._server = _server(app, host, self.port)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="web", daemon=True)

    def start(self) -> None:
        """Returns once requests are answered; raises :class:`CannotServe` when that takes too long."""
        self._thread.start()
        for _ in range(int(START_S / 0.01)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            self._thread.join(0.01)
        raise CannotServe(f"The web server did not start on {self.url}; its log says why.")

    def stop(self) -> None:
        self._server.ask_to_stop()
        self._thread.join()
        self._listener.close()

    def __enter__(self) -> "Background":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _server(app: ASGIApp, host: str, port: int) -> Server:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return Server(config)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop the program that uses it, or choose another port."
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} needs rights that this user lacks. Choose a port above 1023."
    return f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose an address of this machine."
