SELECT release_claim.release_id
FROM release_claim
WHERE release_claim.claim = :claim::VARCHAR COLLATE "C"
