DELETE FROM release_claim
WHERE release_claim.release_id IN (
    SELECT anon_1.value
    FROM json_each(:releases) AS anon_1
)
