-- Enterprises, what they owe in tax and have paid, and the wages they insure, by province.
-- Four databases of two ministries. The sums meet by province; joins within a database stay there.
WITH business AS (
       SELECT province_code, count(*) AS enterprises, sum(charter_capital) AS capital
       FROM business_registration.enterprise
       WHERE status = 'active'
       GROUP BY province_code),
     due AS (
       SELECT t.province_code, sum(d.amount_due) AS amount
       FROM taxpayers.taxpayer t JOIN taxpayers.declaration d ON d.tax_code = t.tax_code
       WHERE t.kind = 'enterprise'
       GROUP BY t.province_code),
     paid AS (
       SELECT t.province_code, sum(p.amount) AS amount
       FROM taxpayers.taxpayer t JOIN taxpayers.payment p ON p.tax_code = t.tax_code
       WHERE t.kind = 'enterprise'
       GROUP BY t.province_code),
     wages AS (
       SELECT e.province_code, count(*) AS workers, sum(c.salary) AS amount
       FROM insurance.contribution c JOIN business_registration.enterprise e ON e.enterprise_code = c.employer_code
       WHERE c.period = DATE '2026-06-01'
       GROUP BY e.province_code)
SELECT u.name AS province,
       b.enterprises,
       round(b.capital / 1000000000.0, 1) AS capital_billion,
       round(due.amount / 1000000.0, 1) AS tax_due_million,
       round(100.0 * paid.amount / due.amount, 1) AS paid_percent,
       coalesce(w.workers, 0) AS insured_workers,
       round(w.amount / 1000000.0 / w.workers, 2) AS wage_million
FROM business b
     JOIN local_government_boundaries.administrative_unit u ON u.unit_code = b.province_code AND u.level = 1 AND u.valid_until IS NULL
     LEFT JOIN due ON due.province_code = b.province_code
     LEFT JOIN paid ON paid.province_code = b.province_code
     LEFT JOIN wages w ON w.province_code = b.province_code
ORDER BY b.enterprises DESC, province
LIMIT 10;
