/*
 * Statements that PostgreSQL has and this engine has no grammar for, known by their first words, so
 * that the answer is "not supported" with the statement's name and not a syntax error. A new
 * statement gets its grammar rules and loses its row here.
 */
#include "parser/parser_int.h"

/* Words to match from the start, and the name. First match wins. */
struct refused {
	const char *words;
	const char *name;
};

static const struct refused refused_statements[] = {
	{"update", "UPDATE"},
	{"delete", "DELETE"},
	{"merge", "MERGE"},
	{"truncate", "TRUNCATE"},
	{"copy", "COPY"},
	{"do", "DO"},
	{"call", "CALL"},
	{"listen", "LISTEN"},
	{"notify", "NOTIFY"},
	{"unlisten", "UNLISTEN"},
	{"vacuum", "VACUUM"},
	{"reindex", "REINDEX"},
	{"cluster", "CLUSTER"},
	{"lock", "LOCK"},
	{"load", "LOAD"},
	{"checkpoint", "CHECKPOINT"},
	{"reassign owned", "REASSIGN OWNED"},
	{"security label", "SECURITY LABEL"},
	{"refresh materialized", "REFRESH MATERIALIZED VIEW"},
	{"set constraints", "SET CONSTRAINTS"},
	{"alter table", "ALTER TABLE"},
	{"alter default", "ALTER DEFAULT PRIVILEGES"},
	{"alter event", "ALTER EVENT TRIGGER"},
	{"alter foreign data", "ALTER FOREIGN DATA WRAPPER"},
	{"alter materialized", "ALTER MATERIALIZED VIEW"},
	{"create foreign data", "CREATE FOREIGN DATA WRAPPER"},
	{"create materialized", "CREATE MATERIALIZED VIEW"},
	{"create unique", "CREATE INDEX"},
	{"create access", "CREATE ACCESS METHOD"},
	{"create event", "CREATE EVENT TRIGGER"},
	{"create constraint", "CREATE TRIGGER"},
	{"create default", "CREATE CONVERSION"},
	{"create trusted", "CREATE LANGUAGE"},
	{"create procedural", "CREATE LANGUAGE"},
	{"create text search", "CREATE TEXT SEARCH"},
	{"drop foreign data", "DROP FOREIGN DATA WRAPPER"},
	{"drop materialized", "DROP MATERIALIZED VIEW"},
	{"drop access", "DROP ACCESS METHOD"},
	{"drop event", "DROP EVENT TRIGGER"},
	{"drop owned", "DROP OWNED"},
	{"drop procedural", "DROP LANGUAGE"},
	{"drop text search", "DROP TEXT SEARCH"},
};

/* Kinds of objects that CREATE [OR REPLACE], ALTER, DROP and COMMENT ON may name: first word, full
 * name. */
static const struct {
	const char *word, *name;
} refused_objects[] = {
	{"aggregate", "aggregate"},
	{"cast", "cast"},
	{"collation", "collation"},
	{"conversion", "conversion"},
	{"database", "database"},
	{"domain", "domain"},
	{"extension", "extension"},
	{"function", "function"},
	{"group", "group"},
	{"index", "index"},
	{"language", "language"},
	{"large", "large object"},
	{"operator", "operator"},
	{"policy", "policy"},
	{"procedure", "procedure"},
	{"publication", "publication"},
	{"role", "role"},
	{"routine", "routine"},
	{"rule", "rule"},
	{"sequence", "sequence"},
	{"statistics", "statistics"},
	{"subscription", "subscription"},
	{"system", "system"},
	{"tablespace", "tablespace"},
	{"transform", "transform"},
	{"trigger", "trigger"},
	{"type", "type"},
	{"constraint", "constraint"},
	{"access", "access method"},
	{"event", "event trigger"},
	{"materialized", "materialized view"},
	{"text", "text search"},
};

static char *upper(char *s)
{
	for (char *c = s; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 32);
	return s;
}

static bool matches(const char *pattern, const char *const words[LEADING_WORDS])
{
	for (int i = 0; i < LEADING_WORDS && *pattern; i++) {
		size_t len = strcspn(pattern, " ");
		if (!words[i] || strlen(words[i]) != len || memcmp(words[i], pattern, len) != 0)
			return false;
		pattern += len;
		pattern += strspn(pattern, " ");
	}
	return true;
}

static bool is_word(const char *word, const char *expected)
{
	return word && strcmp(word, expected) == 0;
}

/* CREATE [UNLOGGED] TABLE without AS, CREATE … SEQUENCE. */
static const char *refused_create(const char *const words[LEADING_WORDS], bool has_as)
{
	int i = 1;
	bool temporary = false;
	for (; i < LEADING_WORDS - 1; i++) {
		bool temp = is_word(words[i], "global") || is_word(words[i], "local") ||
			is_word(words[i], "temp") || is_word(words[i], "temporary");
		if (!temp && !is_word(words[i], "unlogged"))
			break;
		temporary |= temp;
	}
	if (is_word(words[i], "table"))
		return has_as || temporary ? NULL : "CREATE TABLE";
	if (i > 1 && is_word(words[i], "sequence"))
		return "CREATE SEQUENCE";
	return NULL;
}

const char *unsupported_statement(
	struct mem *m, const char *const words[LEADING_WORDS], bool has_as)
{
	for (size_t i = 0; i < ARRAY_LEN(refused_statements); i++)
		if (matches(refused_statements[i].words, words))
			return refused_statements[i].name;
	if (is_word(words[0], "create") && refused_create(words, has_as))
		return refused_create(words, has_as);
	bool comment = is_word(words[0], "comment") && is_word(words[1], "on");
	if (!comment && !is_word(words[0], "create") && !is_word(words[0], "alter") &&
		!is_word(words[0], "drop"))
		return NULL;
	int at = comment || (is_word(words[1], "or") && is_word(words[2], "replace")) ? 2 : 1;
	at += !comment && at == 2; /* OR REPLACE */
	const char *object = words[at];
	if (!object || (comment && is_word(object, "database")))
		return NULL;
	const char *verb = comment ? "COMMENT ON" : words[0];
	for (size_t i = 0; i < ARRAY_LEN(refused_objects); i++)
		if (is_word(object, refused_objects[i].word))
			return upper(mem_printf(m, "%s %s", verb, refused_objects[i].name));
	return NULL;
}
