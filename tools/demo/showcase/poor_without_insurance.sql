-- Who in Hải Phòng's poor households has no health insurance card?
-- The city's own register (which is not a national database) is checked against the population register
-- and the national insurance database. A person entered twice counts once; ids that lost their leading
-- zeros find nobody, and are left to the data quality check.
SELECT u.name AS commune,
       count(DISTINCT r.personal_id) AS residents,
       count(DISTINCT c.personal_id) AS insured,
       count(DISTINCT r.personal_id) - count(DISTINCT c.personal_id) AS uninsured,
       round(100.0 * count(DISTINCT c.personal_id) / count(DISTINCT r.personal_id), 1) AS percent
FROM hai_phong.resident r
     JOIN population.person p ON p.personal_id = r.personal_id
     LEFT JOIN insurance.health_card c ON c.personal_id = r.personal_id AND c.valid_until >= DATE '2026-06-30'
     JOIN local_government_boundaries.administrative_unit u ON u.unit_code = r.commune_code
WHERE r.household_class IN ('poor', 'near_poor')
  AND p.life_status = 'alive'
GROUP BY u.name
ORDER BY uninsured DESC, residents DESC, commune
LIMIT 10;
