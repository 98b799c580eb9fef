-- The attacked data. `worlds` differ in what the attacker may not see and in nothing else: WORLD is A or B.
CREATE TABLE person (personal_id text PRIMARY KEY, name text, province text, phone text, salary integer, birth date, note text);
INSERT INTO person VALUES ('001090000001', 'An', 'HN', '09:A:8881234', 1:A:000, '1990-02-03', 'note :A:');
INSERT INTO person VALUES ('001090000002', 'Bình', 'HN', '09:A:8885678', 2:A:000, '1991-05-06', 'n:A:');
INSERT INTO person VALUES ('001090000003', 'Chi', 'HN', '09:A:8889012', 3:A:000, '1992-07-08', NULL);
INSERT INTO person VALUES ('079090000004', 'Hidden:A:', 'HC', '09:A:8883456', 4:A:000, '1993-09-1:A:', 'x:A:');
INSERT INTO person VALUES ('079090000005', 'Hidden two :A:', 'HC', '09:A:8887890', :A:, '1994-11-12', 'y:A:');
INSERT INTO person VALUES ('07909000000:A:', 'Only :A:', 'HC', NULL, NULL, NULL, NULL);
CREATE TABLE visit (id integer PRIMARY KEY, personal_id text, cost integer);
INSERT INTO visit VALUES (1, '001090000001', 10);
INSERT INTO visit VALUES (2, '001090000002', 20);
INSERT INTO visit VALUES (3, '079090000004', 3:A:);
INSERT INTO visit VALUES (4, '079090000005', 4:A:);
CREATE TABLE secret (id integer PRIMARY KEY, word text);
INSERT INTO secret VALUES (1, 'word :A:');
INSERT INTO secret VALUES (9:A:, 'more');
-- Rows of the second world alone.
--2 INSERT INTO person VALUES ('079090000007', 'Another', 'HC', '0900000000', 77, '1999-01-01', 'z');
--2 INSERT INTO person VALUES ('079090000008', 'Yet another', NULL, '0900000001', 78, '1999-01-01', 'z');
--2 INSERT INTO visit VALUES (9, '079090000007', 90);
--2 INSERT INTO secret VALUES (77, 'third');
