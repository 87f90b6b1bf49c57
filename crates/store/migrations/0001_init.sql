-- Text order is time order for every *_at column; amounts are minor units; JSONB columns hold objects and arrays only.

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    entity TEXT,
    status TEXT NOT NULL,
    zuora_id TEXT UNIQUE,
    payment_method TEXT,
    contact_first_name TEXT NOT NULL,
    contact_last_name TEXT NOT NULL,
    contact_mail TEXT NOT NULL,
    contact_country TEXT NOT NULL,
    orders_billed BIGINT NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT,
    synced_at TEXT
);

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    mail TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    staff_role TEXT,
    created_at TEXT NOT NULL
);

CREATE TABLE memberships (
    person_id TEXT NOT NULL REFERENCES people (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    PRIMARY KEY (person_id, account_id)
);

CREATE TABLE sign_in_links (
    hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    expires_at TEXT NOT NULL,
    used_at TEXT
);

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    expires_at TEXT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes JSONB NOT NULL,
    product_line TEXT,
    expires_at TEXT NOT NULL
);

CREATE TABLE offers (
    code TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    product_line TEXT NOT NULL,
    rate_plan TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    trust TEXT NOT NULL,
    term_months INTEGER NOT NULL,
    plan TEXT,
    plan_rank INTEGER NOT NULL,
    add_on BOOLEAN NOT NULL,
    sold BOOLEAN NOT NULL,
    charges JSONB NOT NULL
);

CREATE TABLE catalog_charges (
    charge TEXT NOT NULL,
    currency TEXT NOT NULL,
    charge_id TEXT NOT NULL,
    rate_plan TEXT NOT NULL,
    rate_plan_id TEXT NOT NULL,
    name TEXT NOT NULL,
    terms JSONB NOT NULL,
    synced_at TEXT NOT NULL,
    PRIMARY KEY (charge, currency)
);
CREATE INDEX catalog_charges_plan ON catalog_charges (rate_plan, currency);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL,
    settlement TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    actions JSONB NOT NULL,
    po_number TEXT,
    order_date TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    trust_until TEXT,
    confirmed BOOLEAN NOT NULL,
    reason TEXT,
    accepted_at TEXT NOT NULL,
    billed_at TEXT,
    invoice_number TEXT,
    trace_id TEXT NOT NULL
);
CREATE INDEX orders_of_account ON orders (account_id, id);
CREATE INDEX orders_open ON orders (status, id) WHERE status <> 'billed';
CREATE INDEX orders_unconfirmed ON orders (account_id) WHERE NOT confirmed;
CREATE INDEX orders_of_invoice ON orders (invoice_number) WHERE invoice_number IS NOT NULL;
CREATE INDEX orders_on_trust ON orders (currency, account_id) WHERE trust_until IS NOT NULL AND billed_at IS NULL;

CREATE TABLE obligations (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    subscription TEXT NOT NULL,
    effective TEXT NOT NULL,
    capability TEXT NOT NULL,
    target TEXT NOT NULL,
    status TEXT NOT NULL,
    deadline TEXT,
    order_id TEXT,
    version BIGINT,
    reason TEXT,
    created_at TEXT NOT NULL,
    done_at TEXT,
    UNIQUE (subscription, effective, capability, target)
);
CREATE INDEX obligations_of_target ON obligations (target) WHERE status = 'due';
CREATE INDEX obligations_of_order ON obligations (order_id);
CREATE INDEX obligations_open ON obligations (status, deadline) WHERE status IN ('due', 'unmapped', 'waiting');

CREATE TABLE lanes (
    name TEXT PRIMARY KEY,
    class TEXT NOT NULL,
    next_at TEXT,
    leased_until TEXT NOT NULL,
    fence BIGINT NOT NULL,
    tail BIGINT NOT NULL
);
CREATE INDEX lanes_ready ON lanes (class, next_at) WHERE next_at IS NOT NULL;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    lane TEXT NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    schema INTEGER NOT NULL,
    payload JSONB NOT NULL,
    state TEXT NOT NULL,
    run_at TEXT NOT NULL,
    blocking BOOLEAN NOT NULL,
    tries BIGINT NOT NULL,
    last_error TEXT,
    trace_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT
);
CREATE INDEX jobs_ready ON jobs (lane, position) WHERE state = 'ready';
CREATE INDEX jobs_dead ON jobs (kind) WHERE state = 'dead';

CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    kind TEXT NOT NULL,
    request TEXT,
    opened_at TEXT NOT NULL,
    outcome TEXT,
    answer TEXT,
    closed_at TEXT
);
CREATE INDEX attempts_of_job ON attempts (job_id, id);

CREATE TABLE idempotency_records (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    response TEXT NOT NULL,
    location TEXT,
    account_id TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE TABLE callouts (
    id TEXT PRIMARY KEY,
    notification TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    times BIGINT NOT NULL,
    received_at TEXT NOT NULL
);

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    since TEXT NOT NULL,
    synced_at TEXT NOT NULL
);

CREATE TABLE subscriptions (
    number TEXT NOT NULL,
    version BIGINT NOT NULL,
    zuora_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL,
    target TEXT,
    term_start TEXT NOT NULL,
    term_end TEXT NOT NULL,
    lines JSONB NOT NULL,
    order_number TEXT,
    latest BOOLEAN NOT NULL,
    raw TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    synced_at TEXT NOT NULL,
    PRIMARY KEY (number, version)
);
CREATE INDEX subscriptions_of_account ON subscriptions (account_id) WHERE latest;
CREATE INDEX subscriptions_of_target ON subscriptions (target) WHERE latest;

CREATE TABLE invoices (
    number TEXT PRIMARY KEY,
    zuora_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    balance_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    invoice_date TEXT NOT NULL,
    due_date TEXT NOT NULL,
    items JSONB NOT NULL,
    raw TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    synced_at TEXT NOT NULL
);
CREATE INDEX invoices_of_account ON invoices (account_id, invoice_date);

CREATE TABLE payments (
    number TEXT PRIMARY KEY,
    zuora_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    invoice_number TEXT,
    gateway_response TEXT,
    raw TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    synced_at TEXT NOT NULL
);
CREATE INDEX payments_of_account ON payments (account_id);

CREATE TABLE targets (
    target TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    desired TEXT NOT NULL,
    pushed_generation BIGINT NOT NULL,
    pushed_at TEXT
);

CREATE TABLE licenses (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    target TEXT NOT NULL,
    file TEXT NOT NULL,
    issued_at TEXT NOT NULL
);
CREATE INDEX licenses_of_target ON licenses (target, issued_at);

CREATE TABLE events (
    id TEXT PRIMARY KEY,
    xid BIGINT NOT NULL,
    kind TEXT NOT NULL,
    schema INTEGER NOT NULL,
    noun_id TEXT NOT NULL,
    account_id TEXT,
    actor TEXT NOT NULL,
    payload JSONB NOT NULL,
    trace_id TEXT NOT NULL,
    occurred_at TEXT NOT NULL
);
CREATE INDEX events_tail ON events (xid, id);
CREATE INDEX events_of_noun ON events (noun_id, id);

CREATE TABLE drifts (
    id TEXT PRIMARY KEY,
    noun TEXT NOT NULL,
    number TEXT NOT NULL,
    field TEXT NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    settled_at TEXT,
    UNIQUE (noun, number, field, theirs)
);
