#!/bin/bash
# Private PostgreSQL and MariaDB servers for the tests, on free loopback ports, in a directory of their own.
#   servers.sh start DIR   makes and starts them; prints `export NAME=value` lines to be evaluated
#   servers.sh env DIR     prints these lines again
#   servers.sh stop DIR    stops what runs there (by pid files) and removes DIR; fine when nothing does
# Run by root it gives each server to its packaged user, since neither runs as root.
set -u
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}

die() { echo "servers.sh: $*" >&2; exit 1; }

as() { # as USER command…
	local user=$1; shift
	if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

free_port() {
	local port try
	for try in $(seq 200); do
		port=$((20000 + RANDOM % 20000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
	done
	die "no free port"
}

start_postgresql() {
	local data=$DIR/pg/data port
	mkdir -p "$DIR/pg" || die "cannot make $DIR/pg"
	[ "$(id -u)" = 0 ] && chown postgres "$DIR/pg"
	echo hopluu >"$DIR/pg.pw"; chmod 644 "$DIR/pg.pw"
	as postgres "$PGBIN/initdb" -D "$data" -U hopluu --pwfile="$DIR/pg.pw" -A scram-sha-256 -E UTF8 --locale=C -N \
		>"$DIR/pg.init.log" 2>&1 || { cat "$DIR/pg.init.log" >&2; die "initdb failed"; }
	port=$(free_port)
	as postgres tee -a "$data/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = '127.0.0.1'
		port = $port
		unix_socket_directories = ''
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		shared_buffers = 128MB
		max_connections = 100
		jit = off
		max_wal_size = 4GB
		timezone = 'Asia/Ho_Chi_Minh'
		logging_collector = off
	CONF
	as postgres "$PGBIN/pg_ctl" -D "$data" -l "$DIR/pg/log" -w -t 60 start >/dev/null </dev/null ||
		{ cat "$DIR/pg/log" >&2; die "PostgreSQL did not start"; }
	echo "$port" >"$DIR/pg.port"
	export PGPASSWORD=hopluu
	"$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U hopluu -d postgres >/dev/null <<-'SQL' || die "psql failed"
		CREATE DATABASE test TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
		CREATE DATABASE test_en TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US';
	SQL
}

start_mariadb() {
	local data=$DIR/my/data port sock=$DIR/my/sock i server
	mkdir -p "$DIR/my" || die "cannot make $DIR/my"
	[ "$(id -u)" = 0 ] && chown mysql "$DIR/my"
	as mysql mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db \
		>"$DIR/my.init.log" 2>&1 || { cat "$DIR/my.init.log" >&2; die "mariadb-install-db failed"; }
	port=$(free_port)
	server=$(command -v mariadbd || echo /usr/sbin/mariadbd)
	as mysql "$server" --no-defaults --datadir="$data" --socket="$sock" --pid-file="$DIR/my/pid" --port="$port" \
		--bind-address=127.0.0.1 --skip-name-resolve --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 \
		--innodb-buffer-pool-size=256M --innodb-doublewrite=0 --skip-log-bin --max-connections=100 --local-infile=1 \
		>"$DIR/my/log" 2>&1 </dev/null &
	disown
	for i in $(seq 150); do
		mariadb-admin --no-defaults -S "$sock" -u root ping >/dev/null 2>&1 && break
		sleep 0.2
	done
	echo "$port" >"$DIR/my.port"
	mariadb --no-defaults -S "$sock" -u root <<-'SQL' || { cat "$DIR/my/log" >&2; die "MariaDB did not start"; }
		CREATE DATABASE test CHARACTER SET utf8mb4;
		CREATE USER hopluu@'%' IDENTIFIED BY 'hopluu';
		GRANT ALL ON *.* TO hopluu@'%';
		DELETE FROM mysql.global_priv WHERE User = '';
		FLUSH PRIVILEGES;
	SQL
}

print_env() {
	local pg my
	pg=$(cat "$DIR/pg.port") && my=$(cat "$DIR/my.port") || die "no servers in $DIR"
	cat <<-ENV
		export HOPLUU_TEST_DIR='$DIR'
		export HOPLUU_TEST_PG='host=127.0.0.1 port=$pg user=hopluu password=hopluu dbname=test'
		export HOPLUU_TEST_PG_EN='host=127.0.0.1 port=$pg user=hopluu password=hopluu dbname=test_en'
		export HOPLUU_TEST_MARIADB='host=127.0.0.1 port=$my user=hopluu password=hopluu database=test'
		export HOPLUU_TEST_ODBC_PG='PostgreSQL Unicode'
		export HOPLUU_TEST_ODBC_MARIADB='MariaDB Unicode'
		export HOPLUU_TEST_ODBC_SQLITE='SQLite3'
	ENV
}

stop_all() {
	local pid i
	if [ -f "$DIR/pg/data/postmaster.pid" ]; then
		as postgres "$PGBIN/pg_ctl" -D "$DIR/pg/data" -m immediate -w -t 30 stop >/dev/null 2>&1
	fi
	if [ -f "$DIR/my/pid" ]; then
		pid=$(cat "$DIR/my/pid")
		kill "$pid" 2>/dev/null
		for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
		kill -9 "$pid" 2>/dev/null
	fi
	[ -f "$DIR/.hopluu-test-servers" ] && rm -rf "$DIR"
	return 0
}

[ $# = 2 ] || die "usage: servers.sh start|env|stop DIR"
DIR=$2
case $1 in
start)
	mkdir -p "$DIR" || die "cannot make $DIR"
	DIR=$(cd "$DIR" && pwd)
	chmod 755 "$DIR"
	touch "$DIR/.hopluu-test-servers"
	cd / || exit 1
	(start_postgresql) || { stop_all; exit 1; }
	(start_mariadb) || { stop_all; exit 1; }
	print_env ;;
env) print_env ;;
stop)
	[ -d "$DIR" ] && DIR=$(cd "$DIR" && pwd)
	cd / || exit 1
	stop_all ;;
*) die "usage: servers.sh start|env|stop DIR" ;;
esac
