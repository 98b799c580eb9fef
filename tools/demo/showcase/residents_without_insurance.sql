-- Who in Hải Phòng has no health insurance card that is in force, by class of household and age?
-- The city's own register (which is not a national database) is checked against the population register
-- and the national insurance database. Someone whom the city entered twice counts once; ids that lost
-- their leading zeros find nobody, which is a matter for the data quality check.
SELECT r.household_class,
       CASE WHEN p.date_of_birth > DATE '2020-06-30' THEN '0-5'
            WHEN p.date_of_birth > DATE '2008-06-30' THEN '6-17'
            WHEN p.date_of_birth > DATE '1966-06-30' THEN '18-59'
            ELSE '60+' END AS age,
       count(DISTINCT r.personal_id) AS residents,
       count(DISTINCT c.personal_id) AS insured,
       count(DISTINCT r.personal_id) - count(DISTINCT c.personal_id) AS uninsured,
       round(100.0 * count(DISTINCT c.personal_id) / count(DISTINCT r.personal_id), 1) AS percent
FROM hai_phong.resident r
     JOIN population.person p ON p.personal_id = r.personal_id
     LEFT JOIN insurance.health_card c ON c.personal_id = r.personal_id AND c.valid_until >= DATE '2026-06-30'
WHERE p.life_status = 'alive'
GROUP BY r.household_class, age
ORDER BY r.household_class DESC, residents DESC;
