SELECT clock_timestamp() AS anon_1
