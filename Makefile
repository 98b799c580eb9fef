# Hợp Lưu: build, test, demo. Everything built goes to build/KIND/.  make help lists the targets.
KIND   ?= release
B      := build/$(KIND)
CC     ?= gcc
PREFIX ?= /usr/local

PACKAGES_BUILD := gcc make pkg-config lemon libpq-dev libmariadb-dev unixodbc-dev libsqlite3-dev \
	libssl-dev libicu-dev libpcre2-dev libxxhash-dev libzstd-dev libedit-dev libjemalloc-dev
PACKAGES_TEST := postgresql-15 postgresql-client-15 mariadb-server mariadb-client libsqliteodbc \
	odbc-postgresql odbc-mariadb unixodbc sqlite3 libcmocka-dev
PACKAGES_DEV := clang clang-tidy clang-format libclang-rt-14-dev
PACKAGES_BENCH := postgresql-15-mysql-fdw postgresql-contrib

PKGS   := libpq libmariadb sqlite3 openssl icu-uc icu-i18n libpcre2-8 libxxhash libzstd libedit jemalloc
WARN   := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wundef -Wimplicit-fallthrough=2
OPT_release := -O2 -g
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
	engine/place engine/execute engine/session engine/statement
LIB_SRC  := $(sort $(wildcard $(LIB_DIRS:=/*.c)))
TOOL_SRC := $(sort $(wildcard tools/cli/*.c tools/shell/*.c tools/admin/*.c tools/demo/*.c))
# Data files that are compiled in, as texts (tools/dev/embed.sh)
LIB_DATA  := $(sort $(wildcard $(LIB_DIRS:=/*.tsv)))
TOOL_DATA := $(sort $(wildcard tools/demo/*.tsv tools/demo/showcase/*.sql))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(LIB_DATA:%=$(B)/%.o) $(B)/parser/grammar.o
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/%.o) $(TOOL_DATA:%=$(B)/%.o)
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/connectors/*.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)

.PHONY: all clean help deps deps-build deps-test demo test unit asan tsan tidy format format-check install bench
all: $(B)/hopluu

$(B)/libhopluu.a: $(LIB_OBJ)
	@rm -f $@; ar rcs $@ $^
$(B)/hopluu: $(B)/tools/hopluu.o $(TOOL_OBJ) $(B)/libhopluu.a
	@echo "  LINK $@"; $(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"; $(CC) $(CFLAGS_ALL) $(if $(findstring engine/kernel/,$<),$(if $(filter release,$(KIND)),-O3)) -MMD -MP -c -o $@ $<

$(B)/%.tsv.o: %.tsv tools/dev/embed.sh
	@mkdir -p $(@D)
	sh tools/dev/embed.sh $< | $(CC) $(CFLAGS_ALL) -x c -c -o $@ -
$(B)/%.sql.o: %.sql tools/dev/embed.sh
	@mkdir -p $(@D)
	sh tools/dev/embed.sh $< | $(CC) $(CFLAGS_ALL) -x c -c -o $@ -

# The generated parser: lemon writes beside its input, so the input is copied to build first.
$(B)/parser/grammar.c: parser/grammar.y
	@mkdir -p $(@D)
	cp $< $(B)/parser/grammar.y
	lemon -q -s $(B)/parser/grammar.y >/dev/null || lemon -q $(B)/parser/grammar.y
$(B)/parser/grammar.h: $(B)/parser/grammar.c ;
$(B)/parser/grammar.o: $(B)/parser/grammar.c
	@echo "  CC   $<"; $(CC) $(CFLAGS_ALL) -Wno-error -w -MMD -MP -c -o $@ $<
$(patsubst %.c,$(B)/%.o,$(wildcard parser/*.c)): $(B)/parser/grammar.h

$(B)/tests/%: $(B)/tests/%.o $(B)/libhopluu.a
	@echo "  LINK $@"; $(CC) $(LD_$(KIND)) -o $@ $(filter %.o,$^) $(B)/libhopluu.a $(LIBS) -lcmocka
# Tests of the demo nation also need its objects.
$(filter $(B)/tests/unit/test_demo%,$(UNIT_BIN)): $(filter $(B)/tools/demo/%,$(TOOL_OBJ))
unit: $(UNIT_BIN)

-include $(LIB_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(UNIT_BIN:=.d) $(B)/tools/hopluu.d
clean:
	rm -rf build
