SELECT release_claim.release_id, release_claim.claim, release_claim.who, release_claim.claimed_at,
    release_claim.until
FROM release_claim
WHERE release_claim.release_id = ANY (:releases::BIGINT[])
