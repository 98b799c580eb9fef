-- Data quality: vehicles whose owner the population register does not know, by province and reason.
-- The answer can be checked against dirt.tsv (VEHICLE_UNKNOWN_OWNER and VEHICLE_SHORT_ID).
SELECT u.name AS province,
       count(*) AS vehicles,
       count(*) FILTER (WHERE p.personal_id IS NULL AND length(v.owner_id) <> 12) AS wrong_length,
       count(*) FILTER (WHERE p.personal_id IS NULL AND length(v.owner_id) = 12) AS unknown,
       round(100.0 * count(*) FILTER (WHERE p.personal_id IS NULL) / count(*), 2) AS percent
FROM vehicle_registration.vehicle v
     LEFT JOIN population.person p ON p.personal_id = v.owner_id
     JOIN local_government_boundaries.administrative_unit u ON u.unit_code = v.province_code AND u.level = 1 AND u.valid_until IS NULL
WHERE v.owner_kind = 'individual'
GROUP BY u.name
ORDER BY percent DESC, province
LIMIT 10;
