SELECT release_claim.release_id, release_claim.claim, release_claim.who, release_claim.claimed_at,
    release_claim.until
FROM release_claim
WHERE release_claim.release_id IN (
    SELECT anon_1.value
    FROM json_each(:releases) AS anon_1
)
