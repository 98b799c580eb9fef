# Hợp Lưu: build, test, demo. Everything built goes to build/KIND/. `make help` lists the targets.
KIND   ?= release
B      := build/$(KIND)
CC     ?= gcc
PREFIX ?= /usr/local

PACKAGES_BUILD := gcc make pkg-config lemon libpq-dev libmariadb-dev unixodbc-dev libsqlite3-dev \
	libssl-dev libicu-dev libpcre2-dev libxxhash-dev libzstd-dev libedit-dev libjemalloc-dev
PACKAGES_TEST := postgresql-15 postgresql-client-15 mariadb-server mariadb-client libsqliteodbc \
	odbc-postgresql odbc-mariadb unixodbc sqlite3 libcmocka-dev openssl python3 python3-psycopg2 python3-psycopg python3-asyncpg
PACKAGES_DEV := clang clang-tidy clang-format libclang-rt-14-dev
PACKAGES_BENCH := postgresql-15-mysql-fdw

PKGS   := libpq libmariadb sqlite3 openssl icu-uc icu-i18n libpcre2-8 libxxhash libzstd libedit jemalloc
WARN   := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wundef -Wimplicit-fallthrough=2
# gcc 12 guesses at these when it inlines; the sanitizers know
WARN   += -Wno-maybe-uninitialized -Wno-format-truncation
OPT_release := -O2 -g
OPT_bench    = $(OPT_release)
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DHOPLUU_SANITIZE
OPT_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -DHOPLUU_SANITIZE
LD_asan     := -fsanitize=address,undefined
LD_tsan     := -fsanitize=thread
# jemalloc and the sanitizers both own malloc
LINK_PKGS   := $(if $(filter asan tsan,$(KIND)),$(filter-out jemalloc,$(PKGS)),$(PKGS))

CFLAGS_ALL = -std=gnu17 -fvisibility=hidden -pthread -I. -I$(B) $(WARN) $(OPT_$(KIND)) $(PKG_CFLAGS) $(CFLAGS)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS       := $(shell pkg-config --libs $(LINK_PKGS) 2>/dev/null) -lodbc -lm -pthread

LIB_DIRS := engine/base engine/types engine/vector engine/kernel engine/function parser engine/plan \
	catalog catalog/vietnam connectors $(patsubst %/,%,$(wildcard connectors/*/)) engine/authorize engine/bind engine/optimize \
	engine/place engine/execute engine/session engine/server engine/statement
LIB_SRC  := $(sort $(wildcard $(LIB_DIRS:=/*.c)))
TOOL_SRC := $(sort $(wildcard tools/cli/*.c tools/shell/*.c tools/serve/*.c tools/admin/*.c tools/demo/*.c))
# Data files that are compiled in, as texts (tools/dev/embed.sh)
LIB_DATA  := $(sort $(wildcard $(LIB_DIRS:=/*.tsv)))
TOOL_DATA := $(sort $(wildcard tools/demo/*.tsv tools/demo/showcase/*.sql))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(LIB_DATA:%=$(B)/%.o) $(B)/parser/grammar.o
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/%.o) $(TOOL_DATA:%=$(B)/%.o)
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/connectors/*.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
RUNNER_SRC := $(sort $(wildcard tests/runner/*.c))
SAY      = @printf '  %-5s %s\n'

.PHONY: all help deps deps-build deps-test demo test check asan tsan tidy format format-check install bench fuzz fuzz-sql clean
all: $(B)/hopluu

$(B)/libhopluu.a: $(LIB_OBJ)
	@rm -f $@; ar rcs $@ $^
$(B)/hopluu: $(B)/tools/hopluu.o $(TOOL_OBJ) $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)

# The kernels' loops vectorise only with -O3.
$(B)/engine/kernel/%.o $(B)/engine/function/%.o: OPT_release := -O3 -g
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/%.tsv.o: %.tsv tools/dev/embed.sh
	@mkdir -p $(@D)
	$(SAY) DATA $<
	@sh tools/dev/embed.sh $< | $(CC) $(CFLAGS_ALL) -x c -c -o $@ -
$(B)/%.sql.o: %.sql tools/dev/embed.sh
	@mkdir -p $(@D)
	$(SAY) DATA $<
	@sh tools/dev/embed.sh $< | $(CC) $(CFLAGS_ALL) -x c -c -o $@ -

# The generated parser: lemon writes beside its input, so the input is copied to build first.
$(B)/parser/grammar.c: parser/grammar.y
	@mkdir -p $(@D)
	$(SAY) LEMON $<
	@cp $< $(B)/parser/grammar.y
	@lemon -q $(B)/parser/grammar.y
$(B)/parser/grammar.h: $(B)/parser/grammar.c ;
$(B)/parser/grammar.o: $(B)/parser/grammar.c
	$(SAY) CC $<
	@$(CC) $(CFLAGS_ALL) -w -MMD -MP -c -o $@ $<
$(patsubst %.c,$(B)/%.o,$(wildcard parser/*.c) $(UNIT_SRC)): $(B)/parser/grammar.h

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS) -lcmocka
$(B)/tests/connectors/%: $(B)/tests/connectors/%.o $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS) -lcmocka
# Tests of the demo nation also need its objects.
$(filter $(B)/tests/unit/test_demo%,$(UNIT_BIN)): $(filter $(B)/tools/demo/%,$(TOOL_OBJ))
$(B)/tests/runner/runner: $(patsubst %.c,$(B)/%.o,$(filter-out %/random.c,$(RUNNER_SRC))) $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)
$(B)/tests/runner/random: $(patsubst %.c,$(B)/%.o,$(filter-out %/runner.c,$(RUNNER_SRC))) $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)
$(B)/tests/oracle/oracle: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/oracle/*.c)) tests/runner/oracle.c tests/runner/slt.c) $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)
$(B)/tools/bench/bench: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tools/bench/*.c))) $(B)/libhopluu.a
	$(SAY) LINK $@
	@$(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)
# The fuzz target's corpus is replayed in every test run.
$(B)/tests/fuzz/replay_%: tests/fuzz/fuzz_%.c $(B)/libhopluu.a
	@mkdir -p $(@D)
	$(SAY) LINK $@
	@$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -DREPLAY $(LD_$(KIND)) -o $@ $< $(B)/libhopluu.a $(LIBS)
TEST_BIN := $(UNIT_BIN) $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/replay_%,$(wildcard tests/fuzz/fuzz_*.c)) \
	$(patsubst %.c,$(B)/%,$(filter %/runner.c %/random.c,$(RUNNER_SRC))) $(B)/tests/oracle/oracle

# ---- what people type ----
help:
	@echo 'make            build/release/hopluu'
	@echo 'make demo       install what it needs, build, make the demo nation, ask it three questions'
	@echo 'make test       install what the tests need, build, run everything'
	@echo 'make asan tsan  the same tests under sanitizers'
	@echo 'make bench      speed, with ratios against peers'
	@echo 'make fuzz       libFuzzer on the parser; make fuzz-sql N=…: random queries against PostgreSQL'
	@echo 'make tidy format format-check install deps clean'

# apt-get only for what is missing; as root or through sudo.
APT = need=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	[ -z "$$need" ] || { echo "installing:" $$need; S=; [ "$$(id -u)" = 0 ] || S=sudo; $$S apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $$S env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$need >/dev/null; }
deps: deps-build deps-test
deps-build:
	@$(call APT,$(PACKAGES_BUILD))
deps-test: deps-build
	@$(call APT,$(PACKAGES_TEST))
JOBS ?= $(shell nproc)

DEMO ?= build/demo
demo: deps-build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@rm -rf $(DEMO)
	@$(B)/hopluu demo create $(DEMO)
	@$(B)/hopluu demo show $(DEMO)

test: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) all check-build
	@sh tools/dev/layers.sh
	@bash tests/run.sh $(B)
.PHONY: check-build
check-build: $(B)/hopluu $(B)/tools/bench/bench $(TEST_BIN)
asan tsan: deps-test
	@$(MAKE) --no-print-directory KIND=$@ -j$(JOBS) all check-build
	@RANDOM_QUERIES=$${RANDOM_QUERIES:-200} SOURCES=$${SOURCES:-pg,mariadb,sqlite} \
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 LSAN_OPTIONS=suppressions=$(CURDIR)/tests/leaks.supp:print_suppressions=0 \
	TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1 bash tests/run.sh build/$@
bench: deps-test
	@$(call APT,$(PACKAGES_BENCH))
	@$(MAKE) --no-print-directory KIND=bench -j$(JOBS) all build/bench/tools/bench/bench
	@bash tools/bench/run.sh build/bench

# libFuzzer on one target: make fuzz T=parser SECONDS=600
T ?= parser
SECONDS ?= 300
fuzz: deps-build
	@$(call APT,$(PACKAGES_DEV))
	@$(MAKE) --no-print-directory CC=clang KIND=asan B=build/fuzz LIB_DIRS="engine/base parser" \
		CFLAGS="-fsanitize=fuzzer-no-link -w" -j$(JOBS) build/fuzz/libhopluu.a
	@clang -g -w -I. -Ibuild/fuzz -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_$(T).c build/fuzz/libhopluu.a \
		$$(pkg-config --libs icu-uc icu-i18n libxxhash) -lm -pthread -o build/fuzz/fuzz_$(T)
	@mkdir -p build/fuzz/corpus
	@build/fuzz/fuzz_$(T) -max_total_time=$(SECONDS) -timeout=20 -dict=tests/fuzz/$(T).dict build/fuzz/corpus tests/fuzz/corpus
# Any number of random queries against PostgreSQL: make fuzz-sql N=10000 SEED=7
N ?= 10000
SEED ?= 1
fuzz-sql: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) all check-build
	@ONLY=random RANDOM_QUERIES=$(N) RANDOM_SEED=$(SEED) bash tests/run.sh $(B)

C_FILES = $(shell git ls-files '*.c' '*.h')
format:
	@$(call APT,$(PACKAGES_DEV))
	@clang-format-14 -i $(C_FILES)
format-check:
	@$(call APT,$(PACKAGES_DEV))
	@clang-format-14 --dry-run -Werror $(C_FILES)
tidy:
	@$(call APT,$(PACKAGES_DEV))
	@$(MAKE) --no-print-directory $(B)/parser/grammar.h
	@clang-tidy-14 --quiet $(filter %.c,$(LIB_SRC) $(TOOL_SRC)) -- -std=gnu17 -I. -I$(B) $(PKG_CFLAGS)

install: all
	install -D -m 755 $(B)/hopluu $(DESTDIR)$(PREFIX)/bin/hopluu
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/hopluu/README.md
clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(patsubst %.c,$(B)/%.d,$(wildcard tools/bench/*.c)) $(UNIT_BIN:=.d) $(RUNNER_SRC:%.c=$(B)/%.d) $(patsubst %.c,$(B)/%.d,$(wildcard tests/oracle/*.c)) $(B)/tools/hopluu.d
