INSERT INTO release_claim (release_id, claim, who, claimed_at, until)
SELECT release.id, :claim AS anon_1, :who AS anon_2, CAST((julianday('now') - 2440587.5) *
    86400000000 AS INTEGER) AS anon_3, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
    + :lease * 1000000 AS anon_4
FROM release
WHERE release.id IN (
    SELECT anon_5.value
    FROM json_each(:releases) AS anon_5
)
ON CONFLICT (release_id) DO UPDATE
SET claim = excluded.claim, who = excluded.who, claimed_at = excluded.claimed_at, until =
    excluded.until
WHERE release_claim.until < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
RETURNING release_id
