-- What jifen does for an order of one line, statement by statement and one transaction an order: the same tables, the
-- same columns, hashes of the same size. bench/src/pgbench.rs runs it with -M prepared, so each statement is parsed once
-- a connection.
--
-- pgbench knows whole numbers only. A UUID is therefore written as two numbers of 16 digits each. As in jifen the first
-- half of a new one grows with time and the second is random, and the client draws it: the server has nothing to make.
-- Every client orders for members of its own, so no two wait for the same wallet. The numbers of orders are scattered with
-- a seed of ours: with pgbench's own, which is another each time it starts, two runs may draw the same number.
--
-- It is spared what else jifen does for an order: verifying the token, looking up the session and the product, the
-- order's points, the hash over the ledger's rows, and HTTP. The entries are one statement.
\set n :n + 1
\set m 1000000000000000 + :client_id + :clients * random(0, :buyers / :clients - 1)
\set p 2000000000000000 + random(0, :products - 1)
\set t 1800000000000000 + :run * 10000000000 + :n * 1000 + :client_id
\set order random(1000000000000000, 9999999999999999)
\set txn random(1000000000000000, 9999999999999999)
\set lot random(1000000000000000, 9999999999999999)
\set event random(1000000000000000, 9999999999999999)
\set number 1000000000 + permute((:run * 128 + :client_id) * 100000 + :n, 8999999999, 1)
BEGIN;
SELECT member_id, program_id, posted, pending, held, debt, seq, head_hash, effective_at, next_due FROM wallet WHERE member_id = (:m::text || :m::text)::uuid ORDER BY member_id FOR NO KEY UPDATE \gset w_
SELECT id, granted, remaining, used FROM stock WHERE id = (:p::text || :p::text)::uuid ORDER BY id FOR NO KEY UPDATE \gset s_
SELECT * FROM idempotency WHERE member_id = (:m::text || :m::text)::uuid AND operation = 'placeOrder' AND key = :t::text || '-' || :order::text;
\set posted :w_posted + 100
\set seq :w_seq + 1
\set remaining :s_remaining - 1
\set used :s_used + 1
INSERT INTO handle (kind, value, member_id, subject_id) VALUES ('ORDER_NUMBER', '20261123-' || :number::text, (:m::text || :m::text)::uuid, (:t::text || :order::text)::uuid);
UPDATE wallet SET posted = :posted::bigint, pending = :w_pending::bigint, held = :w_held::bigint, debt = :w_debt::bigint, seq = :seq::bigint, head_hash = '\x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'::bytea, effective_at = :t::bigint, next_due = NULL WHERE member_id = (:m::text || :m::text)::uuid AND program_id = :w_program_id::uuid;
INSERT INTO txn (member_id, id, program_id, program_version, seq, kind, points, available_after, held_after, pending_after, debt_after, cause, source_id, source_part, reason, actor, actor_id, reverses, effective_at, recorded_at, prev_hash, hash) VALUES ((:m::text || :m::text)::uuid, (:t::text || :txn::text)::uuid, :w_program_id::uuid, 1, :seq::bigint, 'ACCRUAL', 100, :posted::bigint, :w_held::bigint, :w_pending::bigint, :w_debt::bigint, 'ORDER', (:t::text || :order::text)::uuid, 0, NULL, 'MEMBER', (:m::text || :m::text)::uuid, NULL, :t::bigint, :t::bigint, :w_head_hash::bytea, '\x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'::bytea);
INSERT INTO entry (member_id, txn_id, position, account, points) VALUES ((:m::text || :m::text)::uuid, (:t::text || :txn::text)::uuid, 0, 'AVAILABLE', 100), ((:m::text || :m::text)::uuid, (:t::text || :txn::text)::uuid, 1, 'ISSUED', -100);
INSERT INTO lot (member_id, id, program_id, txn_id, state, granted, remaining, held, consumed, expired, revoked, activates_at, expires_at) VALUES ((:m::text || :m::text)::uuid, (:t::text || :lot::text)::uuid, :w_program_id::uuid, (:t::text || :txn::text)::uuid, 'ACTIVE', 100, 100, 0, 0, 0, 0, :t::bigint, 9223372036854775807);
INSERT INTO allocation (member_id, txn_id, position, lot_id, taken_from, given_to, points, origin_txn_id, origin_position) VALUES ((:m::text || :m::text)::uuid, (:t::text || :txn::text)::uuid, 0, (:t::text || :lot::text)::uuid, NULL, 'REMAINING', 100, NULL, NULL);
INSERT INTO "order" (member_id, id, number, status, imported, pieces, currency, subtotal, discount, total, points_earned, coupon_id, placed_at, recorded_at) VALUES ((:m::text || :m::text)::uuid, (:t::text || :order::text)::uuid, '20261123-' || :number::text, 'PAID', false, 1, 'CNY', 1000, 0, 1000, 100, NULL, :t::bigint, :t::bigint);
INSERT INTO order_line (member_id, order_id, position, product_id, quantity, unit_price, discount, total, points_earned) VALUES ((:m::text || :m::text)::uuid, (:t::text || :order::text)::uuid, 0, (:p::text || :p::text)::uuid, 1, 1000, 0, 1000, 100);
INSERT INTO payment (member_id, order_id, position, method, status, amount, currency, captured_at) VALUES ((:m::text || :m::text)::uuid, (:t::text || :order::text)::uuid, 0, 'MANUAL', 'CAPTURED', 1000, 'CNY', :t::bigint);
INSERT INTO idempotency (member_id, operation, key, request_hash, result_id, created_at) VALUES ((:m::text || :m::text)::uuid, 'placeOrder', :t::text || '-' || :order::text, '\x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'::bytea, (:t::text || :order::text)::uuid, :t::bigint);
INSERT INTO outbox (member_id, id, topic, wallet_seq, payload, created_at) VALUES ((:m::text || :m::text)::uuid, (:t::text || :event::text)::uuid, 'ORDER_PLACED', :seq::bigint, '{"orderId":"' || :t::text || '-' || :order::text || '","number":"20261123-' || :number::text || '","total":1000,"currency":"CNY","pointsEarned":100}', :t::bigint);
UPDATE stock SET granted = :s_granted::bigint, remaining = :remaining::bigint, used = :used::bigint WHERE id = (:p::text || :p::text)::uuid;
COMMIT;
