"""The tables of a shard in SQLite. ``user_version`` says which schema a file has; :data:`MIGRATIONS` lead forward."""

VERSION = 6

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE entries (
        position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
        hash BLOB NOT NULL, content BLOB NOT NULL
    );
    CREATE UNIQUE INDEX entries_of_stream ON entries (stream, sequence);
    CREATE TABLE instances (
        key INTEGER PRIMARY KEY, definition TEXT NOT NULL, process TEXT NOT NULL, status TEXT NOT NULL,
        position INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL, snapshot BLOB NOT NULL
    );
    CREATE TABLE timers (
        key INTEGER PRIMARY KEY, due INTEGER NOT NULL, instance INTEGER NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    CREATE INDEX timers_due ON timers (due, key);
    CREATE TABLE work (key INTEGER PRIMARY KEY, instance INTEGER NOT NULL);
    CREATE TABLE subscriptions (
        key INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, correlation_key TEXT NOT NULL,
        instance INTEGER NOT NULL, process TEXT NOT NULL, definition TEXT NOT NULL, node INTEGER NOT NULL
    );
    CREATE INDEX subscriptions_by_name ON subscriptions (name, correlation_key, kind);
    CREATE TABLE messages (
        key INTEGER PRIMARY KEY, name TEXT NOT NULL, correlation_key TEXT NOT NULL, message_id TEXT NOT NULL,
        expires INTEGER NOT NULL, forget INTEGER NOT NULL, variables BLOB NOT NULL, correlated TEXT NOT NULL
    );
    CREATE INDEX messages_by_name ON messages (name, correlation_key, message_id);
    CREATE INDEX messages_forget ON messages (forget);
    CREATE TABLE locks (
        process TEXT NOT NULL, correlation_key TEXT NOT NULL, instance INTEGER NOT NULL,
        PRIMARY KEY (process, correlation_key)
    ) WITHOUT ROWID;
    CREATE INDEX locks_by_instance ON locks (instance);
    CREATE TABLE definitions (
        key INTEGER PRIMARY KEY, process TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        hash TEXT NOT NULL, content BLOB NOT NULL, xml TEXT NOT NULL
    );
    CREATE TABLE decisions (
        name TEXT PRIMARY KEY, key INTEGER NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
    # The installation's name is in every idempotency key and in no entry, so it is kept twice: one that had changed
    # unnoticed would let every job that is at work act again.
    """
    INSERT INTO meta SELECT 'installation_again', value FROM meta WHERE name = 'installation';
    """,
    # Whoever looks for the start events of a message must not pass all the instances that wait for one of that name.
    """
    DROP INDEX subscriptions_by_name;
    CREATE INDEX subscriptions_by_kind ON subscriptions (kind, name, correlation_key);
    """,
    # Several shards: what they have for one another, and who waits here for a message but lives elsewhere.
    """
    ALTER TABLE subscriptions ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN offered TEXT NOT NULL DEFAULT '[]';
    CREATE TABLE parcels (
        shard INTEGER NOT NULL, sequence INTEGER NOT NULL, depth INTEGER NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (shard, sequence)
    ) WITHOUT ROWID;
    CREATE TABLE links (
        shard INTEGER PRIMARY KEY, sent INTEGER NOT NULL, arrived INTEGER NOT NULL, taken INTEGER NOT NULL
    );
    """,
    # Entries that have moved to files; those who look for what has ended must not pass all that waits.
    """
    CREATE TABLE archives (
        position INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        entries INTEGER NOT NULL, size INTEGER NOT NULL, shard_sequence INTEGER NOT NULL
    );
    CREATE TABLE archived (instance INTEGER PRIMARY KEY, archive INTEGER NOT NULL);
    CREATE INDEX instances_ended ON instances (key) WHERE status <> 'active';
    """,
    # Which instances have jobs at work, instead of every job: most steps change nothing of that.
    """
    CREATE TABLE at_work (key INTEGER PRIMARY KEY);
    INSERT INTO at_work SELECT DISTINCT instance FROM work;
    DROP TABLE work;
    """,
)
"""Each takes a file from the version of its index to the next."""
