-- The accounts that bench/intake.sql orders for, as `account create` makes them and Zuora confirms them.
INSERT INTO accounts (id, number, name, currency, status, zuora_id, contact_first_name, contact_last_name,
    contact_mail, contact_country, orders_billed, created_at, updated_at, synced_at)
SELECT 'acc_01KABENCH0000000000' || n, 'PA-01KABENCH0000000000' || n, 'Company ' || n, 'EUR', 'active',
    '8ad08e0000000000000000000' || n, 'Jana', 'Okafor', 'jana@brightwater.example', 'DE', 1,
    '2026-11-12T10:00:00.000000Z', '2026-11-12T10:00:01.000000Z', '2026-11-12T10:00:01.000000Z'
FROM generate_series(1000001, 1000000 + :accounts) AS n;
