"""The two ways the shop runs, as environments for pytest: embedded always, on servers where they can be reached."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

EMBEDDED_NAME = "the embedded database"
SERVERS_NAME = "PostgreSQL and Redis"
EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}
POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"


def reachable() -> tuple[dict[str, dict[str, str]], str]:
    """(name -> environment of every way that can be run here, why the servers are left out or '')."""
    database = os.environ.get("DATABASE_URL") or POSTGRES
    queue = os.environ.get("REDIS_URL") or REDIS
    reason = _why_unreachable(database, queue)
    if reason:
        return {EMBEDDED_NAME: EMBEDDED}, reason
    servers = {"DATABASE_URL": _own_database(database), "REDIS_URL": queue}
    return {EMBEDDED_NAME: EMBEDDED, SERVERS_NAME: servers}, ""


def _why_unreachable(database: str, queue: str) -> str:
    try:
        psycopg.connect(database, connect_timeout=3).close()
    except (psycopg.Error, ValueError) as error:
        return f"no PostgreSQL at {_place(database)} ({type(error).__name__})"
    try:
        redis.Redis.from_url(queue, socket_connect_timeout=3, socket_timeout=3).ping()
    except (redis.RedisError, ValueError) as error:
        return f"no Redis at {_place(queue)} ({type(error).__name__})"
    return ""


def _own_database(url: str) -> str:
    """A name no other run uses; Django makes `test_<name>` from it and removes it again."""
    return urlunsplit(urlsplit(url)._replace(path=f"/shop_{os.getpid()}"))


def _place(url: str) -> str:
    """Never the password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"
