/** What nodes share: what is kept, what happened to it, quotas, and the records of every chain. */
export const SHARED = `
-- Counts the changes of \`kept\`. A change holds its row until it is committed, so they come one by one.
CREATE TABLE epoch (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint NOT NULL
);
INSERT INTO epoch VALUES (true, 0);

-- Tokens, openings, and whatever else every node must know within a second. Without a body: it is gone.
CREATE TABLE kept (
  kind text NOT NULL,
  id text NOT NULL,
  body jsonb,
  revision bigint NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX kept_revision ON kept (revision);

-- Administrative events that wait for a node to put them on record.
CREATE TABLE event (
  id uuid PRIMARY KEY,
  body jsonb NOT NULL
);

-- The wake-up call. It may be lost; the epoch is read again and again all the same.
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('phiward', '');
  RETURN NULL;
END $$;
CREATE TRIGGER tell_epoch AFTER UPDATE ON epoch FOR EACH STATEMENT EXECUTE FUNCTION tell();
CREATE TRIGGER tell_event AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION tell();

-- One row a limit's window and holder. \`used\`: the sum, or how many different patients.
CREATE TABLE quota (
  key text PRIMARY KEY,
  ends bigint NOT NULL,
  used bigint NOT NULL DEFAULT 0 CHECK (used >= 0)
);
CREATE INDEX quota_ends ON quota (ends);

-- How many calls of the window named the patient, by pseudonym.
CREATE TABLE quota_subject (
  key text NOT NULL REFERENCES quota ON DELETE CASCADE,
  subject text NOT NULL,
  calls bigint NOT NULL,
  PRIMARY KEY (key, subject)
);

-- Several calls, each with its charges: [[{"key", "ends", "max", "amount"} or {…, "subjects"}]].
-- Of each call all charges are taken, or none: null, or what the charge without room met.
CREATE FUNCTION take(calls jsonb) RETURNS jsonb LANGUAGE plpgsql SET search_path = phiward, pg_temp AS $$
DECLARE
  answers jsonb := '[]';
  met jsonb;
  call jsonb;
  charge jsonb;
  fresh bigint;
BEGIN
  -- Every row that is needed, in one order: two nodes never wait for each other in a circle.
  INSERT INTO quota (key, ends)
    SELECT DISTINCT c->>'key', (c->>'ends')::bigint
    FROM jsonb_array_elements(calls) k, jsonb_array_elements(k) c ORDER BY 1
    ON CONFLICT DO NOTHING;
  PERFORM FROM quota WHERE key IN (
    SELECT c->>'key' FROM jsonb_array_elements(calls) k, jsonb_array_elements(k) c
  ) ORDER BY key FOR UPDATE;
  FOR call IN SELECT jsonb_array_elements(calls) LOOP
    met := 'null';
    BEGIN
      FOR charge IN SELECT jsonb_array_elements(call) LOOP
        IF charge ? 'amount' THEN
          fresh := (charge->>'amount')::bigint;
        ELSE
          SELECT count(*) INTO fresh FROM jsonb_array_elements_text(charge->'subjects') s
            WHERE NOT EXISTS (SELECT FROM quota_subject q WHERE q.key = charge->>'key' AND q.subject = s);
        END IF;
        UPDATE quota SET used = used + fresh
          WHERE key = charge->>'key' AND used + fresh <= (charge->>'max')::bigint;
        IF NOT FOUND THEN
          SELECT jsonb_build_object('key', key, 'used', used, 'fresh', fresh) INTO met
            FROM quota WHERE key = charge->>'key';
          RAISE EXCEPTION SQLSTATE 'PHFUL';
        END IF;
        IF charge ? 'subjects' THEN
          INSERT INTO quota_subject AS q (key, subject, calls)
            SELECT charge->>'key', s, 1 FROM jsonb_array_elements_text(charge->'subjects') s
            ON CONFLICT (key, subject) DO UPDATE SET calls = q.calls + 1;
        END IF;
      END LOOP;
    EXCEPTION WHEN SQLSTATE 'PHFUL' THEN
      -- What this call had taken already is undone.
      NULL;
    END;
    answers := answers || jsonb_build_array(met);
  END LOOP;
  RETURN answers;
END $$;

-- What calls took that never reached their server: [{"key", "amount"} or {"key", "subjects"}].
CREATE FUNCTION give_back(shares jsonb) RETURNS void LANGUAGE plpgsql SET search_path = phiward, pg_temp AS $$
DECLARE
  share jsonb;
  gone bigint;
BEGIN
  PERFORM FROM quota WHERE key IN (SELECT s->>'key' FROM jsonb_array_elements(shares) s)
    ORDER BY key FOR UPDATE;
  FOR share IN SELECT jsonb_array_elements(shares) LOOP
    IF share ? 'amount' THEN
      gone := (share->>'amount')::bigint;
    ELSE
      UPDATE quota_subject SET calls = calls - 1 WHERE key = share->>'key'
        AND subject IN (SELECT jsonb_array_elements_text(share->'subjects'));
      -- Another call of the window named the same patient: that one still counts.
      WITH freed AS (
        DELETE FROM quota_subject WHERE key = share->>'key' AND calls <= 0 RETURNING 1
      ) SELECT count(*) INTO gone FROM freed;
    END IF;
    UPDATE quota SET used = greatest(0, used - gone) WHERE key = share->>'key';
  END LOOP;
END $$;

-- The key under which a patient is a pseudonym, by a value that only its holder can compute.
CREATE TABLE subject_key (
  name text PRIMARY KEY,
  proof text NOT NULL
);

-- One row a chain. \`shipped\`: the newest record that is here; \`hash\`: its hash; where the next one
-- stands in the node's own log.
CREATE TABLE chain (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  origin text NOT NULL UNIQUE,
  node text NOT NULL,
  public_key text NOT NULL,
  shipped bigint NOT NULL DEFAULT 0,
  hash text NOT NULL DEFAULT '',
  segment integer NOT NULL DEFAULT 0,
  place bigint NOT NULL DEFAULT 0
);

-- Every combination of what a filter may ask for; there are few.
CREATE TABLE shape (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  says text NOT NULL UNIQUE,
  kind text NOT NULL,
  grant_id text,
  principal text,
  server text,
  tool text,
  verdict text,
  rule text,
  code text,
  open boolean NOT NULL
);

-- The lines of the logs, whole: what is shown is checked against the hash that stands in it.
-- \`call\`: the id of the decision, in its own row and in that of its outcome.
CREATE TABLE record (
  chain integer NOT NULL REFERENCES chain,
  seq bigint NOT NULL,
  at bigint NOT NULL,
  shape integer NOT NULL REFERENCES shape,
  call uuid,
  line text NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE INDEX record_shape ON record (shape, at, chain, seq);
CREATE INDEX record_at ON record (at, chain, seq);
CREATE INDEX record_call ON record (call) WHERE call IS NOT NULL;

-- Which records concern a patient: the first 48 bits of the pseudonym. The record itself says whether.
CREATE TABLE patient (
  key bigint NOT NULL,
  chain integer NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (key, chain, seq)
);

-- How many records of a shape a day (UTC, days since 1970) has.
CREATE TABLE tally (
  shape integer NOT NULL REFERENCES shape,
  day integer NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (shape, day)
);

-- The checkpoints of all chains, folded: each entry's hash covers the note and the entry before it.
CREATE TABLE checkpoint (
  entry bigint PRIMARY KEY,
  origin text NOT NULL,
  count bigint NOT NULL,
  root text NOT NULL,
  note text NOT NULL,
  hash text NOT NULL
);
CREATE INDEX checkpoint_origin ON checkpoint (origin, count);
`;
