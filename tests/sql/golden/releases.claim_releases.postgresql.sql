INSERT INTO release_claim (release_id, claim, who, claimed_at, until)
SELECT release.id, :claim::VARCHAR COLLATE "C" AS anon_1, :who::VARCHAR AS anon_2, clock_timestamp()
    AS anon_3, clock_timestamp() + make_interval(secs => :lease::INTEGER) AS anon_4
FROM release
WHERE release.id = ANY (:releases::BIGINT[])
ON CONFLICT (release_id) DO UPDATE
SET claim = excluded.claim, who = excluded.who, claimed_at = excluded.claimed_at, until =
    excluded.until
WHERE release_claim.until < clock_timestamp()
RETURNING release_claim.release_id
