-- The limit of taking an order: what POST /api/v1/orders reads and writes for one subscription that is granted on
-- trust, in as many statements, for `pgbench -M prepared`. Rows are as long as the platform's and carry the same
-- indexes (the schema is `purser migrate`'s); ids and times rise as ULIDs and clocks do. No JSON is read or priced,
-- nothing is hashed, nobody is authenticated: that is what the platform adds.
--
-- The thirteen statements, in the order of app::order::place, counted in the server's log (`log_statement = all`):
--    1  begin
--    2  account by number                                                    store::account::get_by_number
--    3  what the account has on trust                                        store::order::exposure_of_account
--    4  the order                                                            store::order::insert
--    5  its obligation                                                       store::obligation::promise
--    6  the account's lane, and                                              store::lane::extend
--    7  the job that sends the order to Zuora                                store::job::enqueue
--    8  the target's lane, and                                               store::lane::extend
--    9  the job that provisions it                                           store::job::enqueue
--   10  event entitlement.changed                                            store::event::append
--   11  event order.accepted                                                 store::event::append
--   12  the answer under the caller's key                                    store::idempotency::insert
--   13  commit
-- Offers and prices, the token and what all accounts have on trust together come from memory on both sides.
--
-- pgbench takes a colon before a letter for a variable, in texts too: hence the spaces and the pieces below.
\set n :n + 1
\set id :n * 100 + :client_id
\set account random(1000001, 1000000 + :accounts)
BEGIN;
SELECT * FROM accounts WHERE number = 'PA-01KABENCH0000000000' || CAST(:account AS TEXT);
SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) FROM orders
    WHERE currency = 'EUR' AND account_id = 'acc_01KABENCH0000000000' || CAST(:account AS TEXT)
        AND trust_until IS NOT NULL AND billed_at IS NULL AND trust_until > '2026-11-2' || CAST(:id AS TEXT)
        AND status <> 'rejected' AND total_minor > 0;
INSERT INTO orders (id, number, account_id, status, settlement, total_minor, currency, actions, po_number, order_date,
        placed_by, trust_until, confirmed, reason, accepted_at, billed_at, invoice_number, trace_id)
    VALUES ('ord_01KABENC' || CAST(:id AS TEXT), 'PO-01KABENC' || CAST(:id AS TEXT),
        'acc_01KABENCH0000000000' || CAST(:account AS TEXT), 'accepted', 'invoice', 870000, 'EUR',
        '[{"end": "2027-11-22", "kind": "subscribe", "name": "Ternlight Cloud Business", "lines": [{"line": {"terms": {"price": {"per_unit": "348.00"}, "charge": {"recurring": {"every": "annual"}}}, "anchor": "2026-11-22", "charge": "PRPC-00000001", "period": {"end": "2027-11-22", "start": "2026-11-22"}, "quantity": "25", "rate_plan": "PRP-00000001", "own_charge": null, "own_rate_plan": null}, "items": [{"item": {"why": {"days": 365, "full": "8700.00", "exact": "8700.00", "full_days": 365}, "amount": {"minor": 870000, "currency": "EUR"}, "period": {"end": "2027-11-22", "start": "2026-11-22"}, "quantity": "25", "unit_price": "348.00"}, "label": "25 Business seats, Ternlight Cloud Business"}], "charge_id": "8a92161d100b05e50000000000000003"}], "offer": "cloud-business", "start": "2026-11-22", "target": "namespace: b7-123", "credits": [], "term_months": 12, "rate_plan_id": "8a92161d100b05e50000000000000002", "subscription": "PS-01M81THZHJMYN9FGRG52QJ0BD3"}]',
        NULL, '2026-11-22', 'tok_01M81THC53JZ0DJFF6DX9F4CW5', '2026-12-29T14:28:56.498113Z', FALSE, NULL,
        '2026-11-2' || CAST(:id AS TEXT), NULL, NULL, 'eb2a6ac461b7e26b79ca4d8aff40a5f3');
INSERT INTO obligations (id, account_id, subscription, effective, capability, target, status, deadline, order_id,
        version, reason, created_at, done_at)
    VALUES ('obl_01KABENC' || CAST(:id AS TEXT), 'acc_01KABENCH0000000000' || CAST(:account AS TEXT),
        'PS-01KABENC' || CAST(:id AS TEXT), '2026-11-22', 'business-seats',
        'namespace' || ':' || 'b' || CAST(:id AS TEXT), 'due', '2026-11-2' || CAST(:id AS TEXT),
        'ord_01KABENC' || CAST(:id AS TEXT), NULL, NULL, '2026-11-2' || CAST(:id AS TEXT), NULL)
    ON CONFLICT (subscription, effective, capability, target) DO UPDATE SET status = excluded.status,
        deadline = excluded.deadline, done_at = NULL, reason = NULL,
        order_id = COALESCE(excluded.order_id, obligations.order_id), version = excluded.version,
        created_at = excluded.created_at;
INSERT INTO lanes (name, class, next_at, leased_until, fence, tail)
    VALUES ('account' || ':' || 'acc_01KABENCH0000000000' || CAST(:account AS TEXT), 'account',
        '2026-11-2' || CAST(:id AS TEXT), '', 0, 1)
    ON CONFLICT (name) DO UPDATE SET tail = lanes.tail + 1,
        next_at = CASE WHEN lanes.next_at < excluded.next_at THEN lanes.next_at ELSE excluded.next_at END
    RETURNING tail;
INSERT INTO jobs (id, lane, position, kind, schema, payload, state, run_at, blocking, tries, trace_id, created_at)
    VALUES ('job_01KABENC' || CAST(:id AS TEXT), 'account' || ':' || 'acc_01KABENCH0000000000' || CAST(:account AS TEXT),
        :n, 'submit_order', 1, '{"order": "ord_01M81THZHJMYN9FGRG52QJ0BD4"}', 'ready',
        '2026-11-2' || CAST(:id AS TEXT), TRUE, 0, 'eb2a6ac461b7e26b79ca4d8aff40a5f3', '2026-11-2' || CAST(:id AS TEXT));
INSERT INTO lanes (name, class, next_at, leased_until, fence, tail)
    VALUES ('target' || ':' || 'namespace' || ':' || 'b' || CAST(:id AS TEXT), 'target',
        '2026-11-2' || CAST(:id AS TEXT), '', 0, 1)
    ON CONFLICT (name) DO UPDATE SET tail = lanes.tail + 1,
        next_at = CASE WHEN lanes.next_at < excluded.next_at THEN lanes.next_at ELSE excluded.next_at END
    RETURNING tail;
INSERT INTO jobs (id, lane, position, kind, schema, payload, state, run_at, blocking, tries, trace_id, created_at)
    VALUES ('job_11KABENC' || CAST(:id AS TEXT), 'target' || ':' || 'namespace' || ':' || 'b' || CAST(:id AS TEXT),
        1, 'push_target', 1, '{"target": "namespace: b7-123"}', 'ready',
        '2026-11-2' || CAST(:id AS TEXT), FALSE, 0, 'eb2a6ac461b7e26b79ca4d8aff40a5f3', '2026-11-2' || CAST(:id AS TEXT));
INSERT INTO events (id, xid, kind, schema, noun_id, account_id, actor, payload, trace_id, occurred_at)
    VALUES ('evt_01KABENC' || CAST(:id AS TEXT), CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT),
        'entitlement.changed', 1, 'namespace' || ':' || 'b' || CAST(:id AS TEXT), NULL, 'purser', '{}',
        'eb2a6ac461b7e26b79ca4d8aff40a5f3', '2026-11-2' || CAST(:id AS TEXT));
INSERT INTO events (id, xid, kind, schema, noun_id, account_id, actor, payload, trace_id, occurred_at)
    VALUES ('evt_11KABENC' || CAST(:id AS TEXT), CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT),
        'order.accepted', 1, 'ord_01KABENC' || CAST(:id AS TEXT),
        'acc_01KABENCH0000000000' || CAST(:account AS TEXT), 'tok_01M81THC53JZ0DJFF6DX9F4CW5',
        '{"currency": "EUR", "total_minor": 870000}', 'eb2a6ac461b7e26b79ca4d8aff40a5f3',
        '2026-11-2' || CAST(:id AS TEXT));
INSERT INTO idempotency_records (scope, key, request_hash, status, response, location, account_id, created_at)
    VALUES ('tok_01M81THC53JZ0DJFF6DX9F4CW5' || ':' || 'order_place', 'bench-' || CAST(:id AS TEXT),
        '9d3bd11eaf6148b4ff5b7f3e582602eea6732ada961ab13ab2898b72ae74ba14', 201,
        '{"number":"PO-01M81THZHJMYN9FGRG52QJ0BD5","status":"accepted","settlement":"invoice","total":{"amount":"8700.00","currency":"EUR"},"subscriptions":["PS-01M81THZHJMYN9FGRG52QJ0BD3"],"actions":[{"type":"subscribe","subscription":"PS-01M81THZHJMYN9FGRG52QJ0BD3","offer":"cloud-business","name":"Ternlight Cloud Business","target":"namespace: b7-6","start":"2026-11-22","end":"2027-11-22","items":[{"label":"25 Business seats, Ternlight Cloud Business","amount":{"amount":"8700.00","currency":"EUR"},"quantity":"25","unit_price":"348.00","service_start":"2026-11-22","service_end":"2027-11-22","full":"8700.00","days":365,"full_days":365,"exact":"8700.00"}]}],"po_number": null,"order_date":"2026-11-22","trust_until":"2026-11-29T14:28:56.498113Z","accepted_at":"2026-11-22T14:28:56.498113Z","billed_at": null,"invoice_number": null,"reason": null,"trace_id":"eb2a6ac461b7e26b79ca4d8aff40a5f3"}',
        '/api/v1/orders/PO-01M81THZHJMYN9FGRG52QJ0BD5', 'acc_01KABENCH0000000000' || CAST(:account AS TEXT),
        '2026-11-2' || CAST(:id AS TEXT))
    ON CONFLICT (scope, key) DO NOTHING;
COMMIT;
