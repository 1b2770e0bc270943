-- The write path's two functions. Their names end in a number: a changed one is a new function in a new migration, beside the old
-- one, which nodes of the release before still call.
--
-- min-compatible: 1

-- One batch of writes in the transaction of the caller: one round trip, and no client between taking the locks and the commit. Every
-- statement in it sees what was committed before it began (READ COMMITTED), which one big statement would not. Locks are taken in
-- one order by everybody: new pairs by their key, conversations by id, feeds by user; "Participant" and "Message" rows only under
-- their conversation's lock. Between the locks and the writing the operations are done one after the other, in memory, in the order
-- of the queue.
--
-- A side is one user's place in one conversation of the batch: 2i - 1 is the smaller user's in conversation i, 2i the larger's.
CREATE FUNCTION messaging_write_batch_1(
  users            text[],      -- distinct, ascending by bytes
  conversation_ids uuid[],      -- distinct together with their members
  members          int[],       -- by side: which of `users`
  -- One element for each operation; NULL where its kind has no use for it.
  kinds            "char"[],    -- (s)end, (r)eceipt, (o)pen, (a)llow or (d)eny sending
  sides            int[],       -- the author's, the reader's, or either one
  ids              uuid[],      -- of the message or the conversation to be made
  times            timestamp[], -- its "createdAt", at least
  contents         text[],
  keys             uuid[],      -- "clientMessageId"
  delivered_to     bigint[],
  read_to          bigint[],
  -- The batch may have been committed before, by a connection that was lost: what finds its work done says so as if it had just
  -- been done.
  in_doubt         boolean
) RETURNS TABLE (
  operation     int,
  -- (d)one, (u)nchanged, (e)arlier: the message columns hold what was stored before, (n)ot found
  outcome       "char",
  seq           bigint,
  at            timestamp,
  low_useq      bigint,
  high_useq     bigint,
  delivered_seq bigint,
  read_seq      bigint,
  earlier_id    uuid,
  earlier_content text,
  earlier_status  text,
  earlier_author  text,
  earlier_conversation uuid,
  earlier_at    timestamp,
  earlier_seq   bigint,
  earlier_key   uuid,
  earlier_author_useq bigint,
  earlier_peer_useq   bigint
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  operations int := cardinality(kinds);
  -- By user.
  heads bigint[];
  -- By conversation; last_seqs is NULL where there is none of exactly these two users.
  last_seqs bigint[];
  last_times timestamp[];
  can_sends boolean[];
  written boolean[];
  -- By side.
  delivered_seqs bigint[];
  read_seqs bigint[];
  last_useqs bigint[];
  own_receipts bigint[];
  peer_receipts bigint[];
  updates bigint[];
  unread_changes bigint[];
  was_delivered bigint[];
  was_read bigint[];
  changed boolean[];
  -- By operation.
  earlier uuid[] := array_fill(NULL::uuid, ARRAY[operations]);
  has_key_of boolean[] := array_fill(false, ARRAY[operations]);
  outcomes "char"[] := array_fill('n'::"char", ARRAY[operations]);
  seqs bigint[] := array_fill(NULL::bigint, ARRAY[operations]);
  stored_times timestamp[] := array_fill(NULL::timestamp, ARRAY[operations]);
  low_useqs bigint[] := array_fill(NULL::bigint, ARRAY[operations]);
  high_useqs bigint[] := array_fill(NULL::bigint, ARRAY[operations]);
  delivered_after bigint[] := array_fill(NULL::bigint, ARRAY[operations]);
  read_after bigint[] := array_fill(NULL::bigint, ARRAY[operations]);

  made uuid[];
  hit record;
  kind "char";
  side int;
  peer int;
  low int;
  conversation int;
  delivered bigint;
  read bigint;
  receipts_moved boolean := false;
BEGIN
  -- New conversations. Whoever makes one for the same pair at the same time is waited for, and the next statement sees it.
  IF 'o' = ANY (kinds) THEN
    WITH inserted AS (
      INSERT INTO "Conversation" ("id", "createdAt", "pairKey")
      SELECT o.id, o.at, o.pair_key
        FROM (SELECT o.id, o.at, users[members[o.side - 1 + o.side % 2]] || ' ' || users[members[o.side + o.side % 2]] AS pair_key
                FROM unnest(kinds, sides, ids, times) AS o (kind, side, id, at) WHERE o.kind = 'o') AS o
       ORDER BY o.pair_key COLLATE "C"
      ON CONFLICT ("pairKey") DO NOTHING
      RETURNING "id")
    SELECT array_agg(id) INTO made FROM inserted;
    INSERT INTO "Participant" ("userId", "conversationId", "activityAt")
    SELECT users[u.member], o.id, o.at
      FROM unnest(kinds, sides, ids, times) AS o (kind, side, id, at)
      CROSS JOIN LATERAL (VALUES (members[o.side - 1 + o.side % 2]), (members[o.side + o.side % 2])) AS u (member)
     WHERE o.kind = 'o' AND o.id = ANY (made);
  END IF;

  PERFORM 1 FROM "Conversation" WHERE "id" = ANY (conversation_ids) ORDER BY "id" FOR NO KEY UPDATE;

  INSERT INTO "UserState" ("userId")
  SELECT u FROM unnest(users) AS u
   WHERE NOT EXISTS (SELECT FROM "UserState" s WHERE s."userId" = u) ORDER BY u COLLATE "C"
  ON CONFLICT DO NOTHING;
  SELECT array_agg(locked."lastUseq") INTO heads
    FROM (SELECT "lastUseq" FROM "UserState" WHERE "userId" = ANY (users) ORDER BY "userId" FOR NO KEY UPDATE) AS locked;
  IF cardinality(heads) IS DISTINCT FROM cardinality(users) THEN
    RAISE data_corrupted USING MESSAGE = 'rows of "UserState" were deleted';
  END IF;

  -- The state of everything that is locked now.
  SELECT array_agg(k.last_seq), array_agg(k.last_time), array_agg(k.can_send), array_agg(false)
    INTO last_seqs, last_times, can_sends, written
    FROM (SELECT c."lastSeq" AS last_seq, c."lastMessageAt" AS last_time, c."canSend" AS can_send
            FROM unnest(conversation_ids) WITH ORDINALITY AS wanted (id, i)
            LEFT JOIN "Conversation" c ON c."id" = wanted.id
             -- A third participant is enough to know that it is not a pair's.
             AND 2 = (SELECT count(*) FROM (SELECT FROM "Participant" p WHERE p."conversationId" = wanted.id LIMIT 3) AS found)
           ORDER BY wanted.i) AS k;
  SELECT array_agg(k."deliveredSeq"), array_agg(k."readSeq"), array_agg(k."lastUseq"), array_agg(k."ownReceiptUseq"),
         array_agg(k."peerReceiptUseq"), array_agg(k."updatedUseq"), array_agg(0), array_agg(false)
    INTO delivered_seqs, read_seqs, last_useqs, own_receipts, peer_receipts, updates, unread_changes, changed
    FROM (SELECT p.*
            FROM unnest(members) WITH ORDINALITY AS wanted (member, side)
            LEFT JOIN "Participant" p ON p."userId" = users[wanted.member]
                                     AND p."conversationId" = conversation_ids[(wanted.side + 1) / 2]
           ORDER BY wanted.side) AS k;
  was_delivered := delivered_seqs;
  was_read := read_seqs;
  FOR i IN 1 .. cardinality(conversation_ids) LOOP
    IF delivered_seqs[2 * i - 1] IS NULL OR delivered_seqs[2 * i] IS NULL THEN
      last_seqs[i] := NULL;
    END IF;
  END LOOP;

  -- Messages that are there already. Their authors' feeds are locked, so that nobody is inserting one of them now.
  FOR hit IN
    SELECT wanted.i, m."id", true AS by_key
      FROM unnest(kinds, sides, keys) WITH ORDINALITY AS wanted (kind, side, key, i)
      JOIN "Message" m ON m."authorId" = users[members[wanted.side]] AND m."clientMessageId" = wanted.key
     WHERE wanted.kind = 's'
    UNION ALL
    SELECT wanted.i, m."id", false
      FROM unnest(kinds, ids) WITH ORDINALITY AS wanted (kind, id, i) JOIN "Message" m ON m."id" = wanted.id
     WHERE wanted.kind = 's'
  LOOP
    IF NOT has_key_of[hit.i] THEN
      earlier[hit.i] := hit.id;
      has_key_of[hit.i] := hit.by_key;
    END IF;
  END LOOP;

  FOR i IN 1 .. operations LOOP
    kind := kinds[i];
    side := sides[i];
    conversation := (side + 1) / 2;
    low := 2 * conversation - 1;
    IF has_key_of[i] THEN
      outcomes[i] := 'e';
      CONTINUE;
    END IF;
    CONTINUE WHEN last_seqs[conversation] IS NULL;

    IF kind = 's' THEN
      IF earlier[i] IS NOT NULL THEN
        outcomes[i] := 'e';
        CONTINUE;
      END IF;
      peer := side - 1 + 2 * (side % 2);
      last_seqs[conversation] := last_seqs[conversation] + 1;
      last_times[conversation] := greatest(last_times[conversation], times[i]);
      written[conversation] := true;
      unread_changes[peer] := unread_changes[peer] + 1;
      seqs[i] := last_seqs[conversation];
      stored_times[i] := last_times[conversation];

    ELSIF kind = 'r' THEN
      peer := side - 1 + 2 * (side % 2);
      read := greatest(read_seqs[side], least(read_to[i], last_seqs[conversation]));
      delivered := greatest(delivered_seqs[side], least(greatest(delivered_to[i], read_to[i]), last_seqs[conversation]));
      delivered_after[i] := delivered;
      read_after[i] := read;
      IF delivered = delivered_seqs[side] AND read = read_seqs[side] THEN
        outcomes[i] := 'u';
        IF in_doubt AND own_receipts[side] > 0 THEN
          outcomes[i] := 'd';
          low_useqs[i] := CASE side WHEN low THEN own_receipts[low] ELSE peer_receipts[low] END;
          high_useqs[i] := CASE side WHEN low THEN peer_receipts[low + 1] ELSE own_receipts[low + 1] END;
        END IF;
        CONTINUE;
      END IF;
      delivered_seqs[side] := delivered;
      read_seqs[side] := read;
      own_receipts[side] := heads[members[side]] + 1;
      peer_receipts[peer] := heads[members[peer]] + 1;
      receipts_moved := true;

    ELSE
      IF kind = 'o' AND NOT coalesce(ids[i] = ANY (made), false) OR kind <> 'o' AND can_sends[conversation] = (kind = 'a') THEN
        outcomes[i] := 'u';
        -- A conversation that has the id that was to be given is this call's own work of before.
        IF in_doubt OR kind = 'o' THEN
          outcomes[i] := 'd';
          low_useqs[i] := updates[low];
          high_useqs[i] := updates[low + 1];
        END IF;
        CONTINUE;
      END IF;
      IF kind <> 'o' THEN
        can_sends[conversation] := kind = 'a';
        written[conversation] := true;
      END IF;
      updates[low] := heads[members[low]] + 1;
      updates[low + 1] := heads[members[low + 1]] + 1;
    END IF;

    -- One position in both feeds.
    heads[members[low]] := heads[members[low]] + 1;
    heads[members[low + 1]] := heads[members[low + 1]] + 1;
    last_useqs[low] := heads[members[low]];
    last_useqs[low + 1] := heads[members[low + 1]];
    low_useqs[i] := last_useqs[low];
    high_useqs[i] := last_useqs[low + 1];
    changed[low] := true;
    changed[low + 1] := true;
    outcomes[i] := 'd';
  END LOOP;

  INSERT INTO "Message" ("id", "content", "authorId", "conversationId", "createdAt", "seq", "clientMessageId", "authorUseq",
                         "peerUseq")
  SELECT m.id, m.content, users[members[m.side]], conversation_ids[(m.side + 1) / 2], m.at, m.seq, m.key,
         CASE m.side % 2 WHEN 1 THEN m.low_useq ELSE m.high_useq END, CASE m.side % 2 WHEN 1 THEN m.high_useq ELSE m.low_useq END
    FROM unnest(ids, contents, sides, stored_times, seqs, keys, low_useqs, high_useqs)
      AS m (id, content, side, at, seq, key, low_useq, high_useq)
   WHERE m.seq IS NOT NULL;

  IF receipts_moved THEN
    FOR hit IN
      WITH read_now AS (
        UPDATE "Message" m SET "status" = 'READ'
          FROM unnest(was_read, read_seqs) WITH ORDINALITY AS reader (was, now, side)
         WHERE reader.now > reader.was AND m."conversationId" = conversation_ids[(reader.side + 1) / 2]
           AND m."seq" > reader.was AND m."seq" <= reader.now
           AND m."authorId" = users[members[reader.side - 1 + 2 * (reader.side % 2)]]
        RETURNING reader.side)
      SELECT side::int, count(*) FROM read_now GROUP BY side
    LOOP
      unread_changes[hit.side] := unread_changes[hit.side] - hit.count;
    END LOOP;
    UPDATE "Message" m SET "status" = 'DELIVERED'
      FROM unnest(was_delivered, delivered_seqs, read_seqs) WITH ORDINALITY AS receiver (was, now, read, side)
     WHERE receiver.now > greatest(receiver.was, receiver.read) AND m."conversationId" = conversation_ids[(receiver.side + 1) / 2]
       AND m."seq" > greatest(receiver.was, receiver.read) AND m."seq" <= receiver.now
       AND m."authorId" = users[members[receiver.side - 1 + 2 * (receiver.side % 2)]];
  END IF;

  UPDATE "Conversation" c SET "lastSeq" = k.last_seq, "lastMessageAt" = k.last_time, "canSend" = k.can_send
    FROM unnest(conversation_ids, last_seqs, last_times, can_sends, written) AS k (id, last_seq, last_time, can_send, written)
   WHERE k.written AND c."id" = k.id;
  UPDATE "UserState" s SET "lastUseq" = f.head
    FROM unnest(users, heads) AS f ("user", head) WHERE s."userId" = f."user" AND s."lastUseq" < f.head;
  UPDATE "Participant" p
     SET "deliveredSeq" = k.delivered, "readSeq" = k.read, "unreadCount" = p."unreadCount" + k.unread_change,
         "activityAt" = coalesce(last_times[(k.side + 1) / 2], p."activityAt"), "lastUseq" = k.last_useq,
         "ownReceiptUseq" = k.own_receipt, "peerReceiptUseq" = k.peer_receipt, "updatedUseq" = k.updated
    FROM unnest(members, delivered_seqs, read_seqs, unread_changes, last_useqs, own_receipts, peer_receipts, updates, changed)
      WITH ORDINALITY AS k (member, delivered, read, unread_change, last_useq, own_receipt, peer_receipt, updated, changed, side)
   WHERE k.changed AND p."userId" = users[k.member] AND p."conversationId" = conversation_ids[(k.side + 1) / 2];

  RETURN QUERY
  SELECT o.i::int, o.outcome, o.seq, o.at, o.low_useq, o.high_useq, o.delivered, o.read,
         m."id", m."content", m."status"::text, m."authorId", m."conversationId", m."createdAt"::timestamp, m."seq",
         m."clientMessageId", m."authorUseq", m."peerUseq"
    FROM unnest(outcomes, seqs, stored_times, low_useqs, high_useqs, delivered_after, read_after, earlier)
      WITH ORDINALITY AS o (outcome, seq, at, low_useq, high_useq, delivered, read, earlier, i)
    LEFT JOIN "Message" m ON m."id" = o.earlier;
END $$;

-- The smallest seq of the conversation whose message has a position above `since` in the reader's feed, or last_seq + 1. Positions
-- rise with seq: it gallops back from the newest message, and then halves, so that its cost follows the logarithm of what is new.
CREATE FUNCTION messaging_first_unseen_1(conversation uuid, reader text, since bigint, last_seq bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  -- Everything from `unseen` on is unseen; everything up to `seen` is seen. There is no seq 0.
  unseen bigint := last_seq + 1;
  seen bigint := 0;
  step bigint := 1;
  probe bigint;
  position bigint;
BEGIN
  WHILE unseen - seen > 1 LOOP
    probe := CASE seen WHEN 0 THEN greatest(unseen - step, 1) ELSE seen + (unseen - seen) / 2 END;
    SELECT CASE m."authorId" WHEN reader THEN m."authorUseq" ELSE m."peerUseq" END INTO position
      FROM "Message" m WHERE m."conversationId" = conversation AND m."seq" = probe;
    IF NOT FOUND THEN
      RAISE data_corrupted USING MESSAGE = 'a conversation has a gap in its seq';
    END IF;
    IF position > since THEN
      unseen := probe;
    ELSE
      seen := probe;
    END IF;
    step := step * 2;
  END LOOP;
  RETURN unseen;
END $$;
