/*
 * Dialects as data: how a kind of source spells SQL, and which operators and functions mean there exactly what
 * they mean here. A dialect is one file and one row in dialects.def. The rules follow the checklist of where
 * sources differ; each exception stands in the dialect's file with its reason.
 *
 * Classes: EXACT: same value for every input, NULLs, errors and order included. SUPERSET (conditions only): true
 * at least wherever ours is true: sent and checked again. LOCAL: not sent.
 */
#ifndef HOPLUU_CONNECTORS_DIALECT_H
#define HOPLUU_CONNECTORS_DIALECT_H

#include "connectors/connector.h"
#include "engine/function/func.h"

enum ship_class { SHIP_LOCAL, SHIP_SUPERSET, SHIP_EXACT };

/* One operator, function or aggregate that the dialect has. */
struct dialect_rule {
	const char *name;     /* ours: func.name */
	enum func_kind kind;
	/* One letter an argument: i int, n numeric, N int or numeric, f float, t text, d date, m time, s timestamp,
	 * z timestamptz, v interval, b boolean, y bytea, u uuid, A any of them but text, * any. "" = count(*). */
	const char *args;
	const char *spelling; /* with $1 … for the arguments */
	enum ship_class class;
	const char *why;      /* when not EXACT: for EXPLAIN */
	int min_version;      /* of the product, as facts.version_number counts; 0 = any */
};

/* What a column of a remote type holds, seen from the type that the catalog gives it. */
struct column_form {
	bool comparable;      /* the two types are of one kind: the source's operators work on what we read */
	/* With $1: the value as it compares, NULL where it can't be read as our type (a zero date, a text in an integer
	 * column). NULL = every value is good as it stands. */
	const char *clean;
	bool raw_differs;     /* $1 itself is no value of ours (padded): only the clean form compares */
	bool doubtful;        /* bad values that no form finds: conditions are supersets at most */
};

enum limit_form { LIMIT_NONE, LIMIT_OFFSET, LIMIT_TOP, LIMIT_FETCH };
struct dialect {
	const char *name;
	char quote_open, quote_close;  /* of names; the closing one is doubled inside */
	bool schema_in_names;          /* "schema"."table"; else the table's name alone */
	enum limit_form limit;
	bool nulls_syntax;             /* NULLS FIRST/LAST */
	bool nulls_first_ascending;    /* where there is no syntax or no need */
	bool boolean_values;           /* TRUE/FALSE and predicates as values */
	bool typed_literals;           /* PostgreSQL: literals carry ::type */
	bool backslash_in_literals;    /* \ must be doubled in '…' */
	bool joins, aggregates;        /* may be sent at all */
	unsigned setops;               /* bits 1 << enum setop_kind */
	bool decimal_literals;         /* 1.50 is an exact decimal */
	bool char_as_ours;             /* char(n) compares, groups and sorts without its padding, by the clean form if need be */
	bool float_compare;            /* IEEE doubles round-trip in text and compare as ours */
	bool strict_group_by;          /* a grouped expression may not stand in the SELECT list: MIN of it does */
	bool like_measured;            /* LIKE is what its rule says only where the probe found it so */
	const char *distinct_form;     /* $1 IS DISTINCT FROM $2, or NULL */
	bool approximate;              /* comparisons with floats go as ranges a little wider, which are checked again */
	bool null_safe_dates;          /* dates are tested by <=> NULL: IS NULL finds zero dates too */
	bool text_dates;               /* dates are texts of any form: see write_text_date */
	bool wide_integers;            /* integers compute in 64 bits there: only decimals do arithmetic */
	int max_digits, max_scale;     /* of decimals in literals and results; 0 = no limit */
	const char *integer_as_decimal;/* with $1: an integer made a decimal for arithmetic; NULL = none needed */
	const char *param_style;       /* "$" numbered, "?" plain; NULL = literals only */
	const char *national_prefix;   /* "N" before text literals, or "" */
	size_t max_literal;            /* bytes of a text literal; 0 = no limit */
	const char *date_literal, *timestamp_literal, *time_literal; /* with %s, NULL = not sent */
	bool timestamptz_as_timestamp; /* the session is in UTC, and instants compare as timestamps */
	int min_year, max_year;        /* of dates it can hold */
	const char *cast_to_text;      /* with $1 */
	const char *full_double;       /* a double's text with all its digits, with $1; NULL = never needed */
	/* Form with which a text compares and orders by code point without padding, with $1; NULL = none.
	 * `collation` is the column's; may return NULL for "as it stands is right". */
	const char *(*exact_text)(const char *collation, const struct source_facts *facts);
	const char *exact_collation;   /* what that form gives */
	const char *far_character;     /* for literals beyond U+FFFF: form with %u, NULL = as they are */
	/* Whether equality on a text may be sent bare as a superset, for an index to serve. */
	bool text_equal_is_superset;
	/* Whether a column of this collation may meet the literal (other = NULL) or a column of the other collation
	 * without an error or a loss of characters. NULL = always. */
	bool (*bare_text)(const char *collation, const char *other, struct str literal);
	/* What a column of a table (view: of a view) holds. */
	void (*column)(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out);
	/* A value of no type t: what an aggregate over bad values gives, so that they are reported; NULL = none. */
	const char *(*bad_marker)(struct type t);
	int max_in_list;
	const struct dialect_rule *rules;
	size_t nrules;
	/* Type name for CAST(x AS …) with our meaning, or NULL. */
	const char *(*cast_type)(struct type t, char *buffer, size_t size);
};

/* By name; NULL = none. */
const struct dialect *dialect_find(const char *name);
/* For a server: its option `dialect`, else what the probe found, else the connector's own. Never NULL. */
const struct dialect *dialect_for(const char *connector, const char *option, const struct source_facts *facts);
/* The first rule that fits, or NULL. */
const struct dialect_rule *dialect_rule(const struct dialect *d, const struct source_facts *facts, const char *name,
										enum func_kind kind, const struct type *types, uint32_t ntypes);
/* How most sources name their types: sets *out, comparable where t holds all that the remote type does. False = the name
 * isn't known. */
bool column_by_name(const char *remote_type, struct type t, struct column_form *out);
size_t dialect_count(void);
const struct dialect *dialect_at(size_t i);

/* The one place where values become SQL text. False = the dialect has no exact spelling for this value. */
MUST_CHECK bool dialect_literal(const struct dialect *d, const struct value *v, struct strbuf *out);
void dialect_name(const struct dialect *d, const char *name, struct strbuf *out);

#endif
