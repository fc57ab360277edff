DELETE FROM release_claim
WHERE release_claim.release_id = ANY (:releases::BIGINT[])
