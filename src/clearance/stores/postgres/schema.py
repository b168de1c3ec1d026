"""The tables of a shard in PostgreSQL. The row ``version`` of ``meta`` says which schema it has; :data:`MIGRATIONS`
lead forward. Text is compared by its bytes (``COLLATE "C"``), so that rows are ordered as in every other store.

``fence`` is asked first in every transaction that writes. It holds the row of the epoch until the transaction ends, so
that nobody takes over within it, and whoever asks what became of a commit whose connection broke waits until the server
knows. It also refuses to go on from a ledger that has become shorter than its engine knows it.
"""

REPLACED = "CLR01"
SHORTER = "CLR02"
"""What the fence says, as SQLSTATE."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE entries (
        position bigint PRIMARY KEY, stream bigint NOT NULL, sequence bigint NOT NULL,
        hash bytea NOT NULL, content bytea NOT NULL
    );
    CREATE UNIQUE INDEX entries_of_stream ON entries (stream, sequence);
    CREATE TABLE instances (
        key bigint PRIMARY KEY, definition text NOT NULL, process text NOT NULL, status text NOT NULL,
        position bigint NOT NULL, sequence bigint NOT NULL, hash bytea NOT NULL, snapshot bytea NOT NULL
    );
    CREATE TABLE timers (
        key bigint PRIMARY KEY, due bigint NOT NULL, instance bigint NOT NULL, kind text NOT NULL, detail text NOT NULL
    );
    CREATE INDEX timers_due ON timers (due, key);
    CREATE TABLE work (key bigint PRIMARY KEY, instance bigint NOT NULL);
    CREATE TABLE subscriptions (
        key bigint PRIMARY KEY, kind text NOT NULL, name text NOT NULL, correlation_key text COLLATE "C" NOT NULL,
        instance bigint NOT NULL, process text NOT NULL, definition text NOT NULL, node bigint NOT NULL
    );
    CREATE INDEX subscriptions_by_kind ON subscriptions (kind, name, correlation_key);
    CREATE TABLE messages (
        key bigint PRIMARY KEY, name text NOT NULL, correlation_key text COLLATE "C" NOT NULL, message_id text NOT NULL,
        expires bigint NOT NULL, forget bigint NOT NULL, variables bytea NOT NULL, correlated text NOT NULL
    );
    CREATE INDEX messages_by_name ON messages (name, correlation_key, message_id);
    CREATE INDEX messages_forget ON messages (forget);
    CREATE TABLE locks (
        process text COLLATE "C" NOT NULL, correlation_key text COLLATE "C" NOT NULL, instance bigint NOT NULL,
        PRIMARY KEY (process, correlation_key)
    );
    CREATE INDEX locks_by_instance ON locks (instance);
    CREATE TABLE definitions (
        key bigint PRIMARY KEY, process text NOT NULL, name text NOT NULL, version bigint NOT NULL,
        hash text NOT NULL, content bytea NOT NULL, xml text NOT NULL
    );
    CREATE TABLE decisions (name text PRIMARY KEY, key bigint NOT NULL, sha256 text NOT NULL, content bytea NOT NULL);
    """,
    # A key of an index has at most 2,700 bytes, a correlation key may have millions: indexes hold hashes of such text.
    """
    DROP INDEX subscriptions_by_kind;
    CREATE INDEX subscriptions_by_name ON subscriptions
        (kind, hashtextextended(name, 0), hashtextextended(correlation_key, 0));
    DROP INDEX messages_by_name;
    CREATE INDEX messages_by_name ON messages (hashtextextended(name, 0), hashtextextended(correlation_key, 0));
    ALTER TABLE locks DROP CONSTRAINT locks_pkey;
    CREATE INDEX locks_by_key ON locks (hashtextextended(process, 0), hashtextextended(correlation_key, 0));
    CREATE INDEX timers_by_instance ON timers (instance, key);
    ALTER TABLE timers SET (autovacuum_vacuum_scale_factor = 0.02);
    ALTER TABLE work SET (autovacuum_vacuum_scale_factor = 0.02);
    ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.02);
    CREATE TABLE lease (epoch bigint NOT NULL, holder text NOT NULL, beat bigint NOT NULL);
    INSERT INTO lease VALUES (0, '', 0);
    CREATE FUNCTION fence(mine bigint, follows bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        epoch bigint;
        last bigint;
    BEGIN
        SELECT value::bigint INTO epoch FROM meta WHERE name = 'epoch' FOR UPDATE;
        IF epoch IS DISTINCT FROM mine THEN
            RAISE EXCEPTION 'epoch % is over', mine USING ERRCODE = 'CLR01';
        END IF;
        SELECT value::bigint INTO last FROM meta WHERE name = 'position';
        IF coalesce(last, 0) < follows THEN
            RAISE EXCEPTION 'the ledger ends at entry %', coalesce(last, 0) USING ERRCODE = 'CLR02';
        END IF;
    END $$;
    """,
    # Several shards: what they have for one another, and who waits here for a message but lives elsewhere.
    """
    ALTER TABLE subscriptions ADD COLUMN place bigint NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN offered text NOT NULL DEFAULT '[]';
    CREATE TABLE parcels (
        shard bigint NOT NULL, sequence bigint NOT NULL, depth bigint NOT NULL, content bytea NOT NULL,
        PRIMARY KEY (shard, sequence)
    );
    CREATE TABLE links (
        shard bigint PRIMARY KEY, sent bigint NOT NULL, arrived bigint NOT NULL, taken bigint NOT NULL
    );
    """,
    # Entries that have moved to files; those who look for what has ended must not pass all that waits.
    """
    CREATE TABLE archives (
        position bigint PRIMARY KEY, sha256 text NOT NULL, first bigint NOT NULL, last bigint NOT NULL,
        entries bigint NOT NULL, size bigint NOT NULL, shard_sequence bigint NOT NULL
    );
    CREATE TABLE archived (instance bigint PRIMARY KEY, archive bigint NOT NULL);
    CREATE INDEX instances_ended ON instances (key) WHERE status <> 'active';
    CREATE TABLE archive_files (sha256 text PRIMARY KEY, content bytea NOT NULL);
    """,
    # Which instances have jobs at work, instead of every job: most steps change nothing of that.
    """
    CREATE TABLE at_work (key bigint PRIMARY KEY);
    INSERT INTO at_work SELECT DISTINCT instance FROM work;
    DROP TABLE work;
    """,
)
"""Each takes a shard from the version of its index to the next."""

VERSION = len(MIGRATIONS)
