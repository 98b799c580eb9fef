/* Records of the audit log as text: JSON members, hashes, hex, literals masked. No state. */
#include <string.h>

#include "catalog/audit_int.h"

void audit_hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool audit_unhex(const char *s, size_t n, unsigned char *out)
{
	for (size_t i = 0; i < n; i++) {
		int high = digit(s[2 * i]), low = high < 0 ? -1 : digit(s[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool audit_hash(const char *text, size_t len, unsigned char out[AUDIT_HASH])
{
	unsigned n = 0;

	return EVP_Digest(text, len, out, &n, EVP_sha256(), NULL) == 1 && n == AUDIT_HASH;
}

const char *audit_read_line(struct str line, uint64_t *number, unsigned char prev[AUDIT_HASH], unsigned char hash[AUDIT_HASH])
{
	static const char open[] = "{\"seq\":", before[] = ",\"prev\":\"", end[] = ",\"hash\":\"";
	unsigned char own[AUDIT_HASH];
	size_t at = sizeof open - 1;

	if (line.len < sizeof open + sizeof before + AUDIT_HEX + AUDIT_TAIL || memcmp(line.data, open, sizeof open - 1) != 0)
		return "is no record";
	for (*number = 0; at < 30 && line.data[at] >= '0' && line.data[at] <= '9'; at++)
		*number = *number * 10 + (uint64_t)(line.data[at] - '0');
	if (memcmp(line.data + at, before, sizeof before - 1) != 0 || !audit_unhex(line.data + at + sizeof before - 1, AUDIT_HASH, prev))
		return "is no record";
	at = line.len - AUDIT_TAIL;
	if (memcmp(line.data + at, end, sizeof end - 1) != 0 || !audit_unhex(line.data + at + sizeof end - 1, AUDIT_HASH, hash) ||
		memcmp(line.data + line.len - 2, "\"}", 2) != 0)
		return "is no record";
	if (!audit_hash(line.data, at, own) || memcmp(own, hash, AUDIT_HASH) != 0)
		return "was changed: its hash is another";
	return NULL;
}

size_t audit_statement(const struct audit_link *l, char out[128])
{
	char hex[AUDIT_HEX + 1];

	audit_hex(l->hash, AUDIT_HASH, hex);
	return (size_t)snprintf(out, 128, "%020llu %s", (unsigned long long)l->number, hex);
}

void audit_segment_path(const char *directory, uint32_t number, char *out, size_t size)
{
	snprintf(out, size, "%s/audit/%06u.jsonl", directory, number);
}

EVP_PKEY *audit_public_key(const char *directory)
{
	char path[4200], hex[65] = "";
	unsigned char raw[32];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/audit/key.pub", directory);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	n = fread(hex, 1, 64, f);
	fclose(f);
	if (n != 64 || !audit_unhex(hex, 32, raw))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
}

static void escaped(struct strbuf *b, struct str s)
{
	strbuf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == '"' || c == '\\')
			strbuf_addf(b, "\\%c", c);
		else if (c < 0x20)
			strbuf_addf(b, "\\u%04x", c);
		else
			strbuf_addc(b, (char)c);
	}
	strbuf_addc(b, '"');
}

static void member(struct strbuf *b, const char *name)
{
	strbuf_addf(b, "%s\"%s\":", b->len ? "," : "", name);
}

void audit_text(struct strbuf *b, const char *name, struct str text)
{
	member(b, name);
	if (text.data)
		escaped(b, text);
	else
		strbuf_adds(b, "null");
}

void audit_number(struct strbuf *b, const char *name, int64_t n)
{
	member(b, name);
	strbuf_addf(b, "%lld", (long long)n);
}

/* Length of a $tag$ at p, 0 = none. */
static size_t dollar_tag(struct str s, size_t p)
{
	size_t i = p + 1;

	while (i < s.len && (s.data[i] == '_' || ((unsigned char)s.data[i] >= 0x80) || (s.data[i] >= 'a' && s.data[i] <= 'z') ||
						 (s.data[i] >= 'A' && s.data[i] <= 'Z') || (i > p + 1 && s.data[i] >= '0' && s.data[i] <= '9')))
		i++;
	return i < s.len && s.data[i] == '$' ? i + 1 - p : 0;
}

/* A literal that never ends hides the rest; E'' and plain ones alike end at the first quote that isn't doubled and not
 * behind a backslash, so that in doubt more is hidden, not less. */
void audit_mask_literals(struct str s, struct strbuf *out)
{
	for (size_t i = 0; i < s.len;) {
		size_t tag = s.data[i] == '$' ? dollar_tag(s, i) : 0, from = i;

		if (s.data[i] == '\'') {
			for (i++; i < s.len && (s.data[i] != '\'' || (i + 1 < s.len && s.data[i + 1] == '\'')); i++)
				i += s.data[i] == '\'' || s.data[i] == '\\';
			strbuf_adds(out, "'***'");
			i++;
		} else if (tag) {
			for (i += tag; i + tag <= s.len && memcmp(s.data + i, s.data + from, tag) != 0; i++)
				;
			strbuf_adds(out, "'***'");
			i += tag;
		} else {
			strbuf_addc(out, s.data[i++]);
		}
	}
}
