/*
 * Where decoded values go: the batch that a stream is filling, one row after the other. Connectors hand
 * over what their driver gives (an integer, a double, text in the source's encoding, bytes) and the
 * writer stores it as the column's type, or applies the column's bad-value policy: an error naming server,
 * table, column and row, or NULL with a count. The hot cases are inline; connectors with a binary
 * format of their own store straight into the slots.
 *
 * Text is valid UTF-8 once it is here: checked, converted from a legacy encoding and normalised as the column says.
 */
#ifndef HOPLUU_CONNECTORS_BATCH_WRITER_H
#define HOPLUU_CONNECTORS_BATCH_WRITER_H

#include "connectors/connector.h"

/* What the bytes of a text are when they reach us. */
enum transport {
	TRANSPORT_BYTES,  /* the source's own bytes */
	TRANSPORT_LATIN1, /* UTF-8 that the driver or server made, taking each byte for a Latin-1 character */
	TRANSPORT_CP1252, /* the same, for Windows-1252 (what MariaDB calls latin1) */
};

struct writer_col {
	const struct stream_column *spec;
	struct vec *vec; /* of the batch being filled */
	void *data;      /* vec->data */
	enum phys phys;
	uint32_t max_chars;   /* of varchar(n), char(n); 0 = any */
	int64_t unit, limit;  /* numeric(p, s ≤ 18): 10^s, and 10^p or more than fits; else 0 */
	int64_t whole_limit;  /* limit / unit */
	bool quick_text;      /* a text column that needs no more than a look at its bytes */
	bool plain_text;      /* UTF-8 as it is, no normalisation */
	bool strip_spaces;    /* char(n) */
	bool is_bytes, check_json;
};

struct batch_writer {
	const struct stream_request *request;
	struct mem *mem;     /* arena of the stream, charged with its buffers */
	struct mem *scratch; /* reset per batch */
	struct stream_progress *progress;
	struct writer_col *cols;
	struct strbuf text, bytes;
	struct batch *batch; /* being filled */
	struct err *e;       /* of the call under way */
	uint32_t row;
	int64_t rows_before, nbytes;
	enum transport transport;
};

/* request must outlive the writer. json_checked: the source guarantees valid JSON. */
void writer_open(struct batch_writer *w, const struct stream_request *request, struct mem *m,
				 struct stream_progress *progress, enum transport transport, bool json_checked);
void writer_close(struct batch_writer *w);
MUST_CHECK bool writer_begin(struct batch_writer *w, struct batch *out, struct err *e);
/* Publishes rows and progress. */
void writer_end(struct batch_writer *w);
/* Gives back what the failed batch holds; returns false. */
bool writer_fail(struct batch_writer *w);

/* NULL as the source has it. */
MUST_CHECK bool writer_null(struct batch_writer *w, struct writer_col *c);
/* A value that does not fit: NULL by policy, else the error. what says what is wrong, without the value:
 * it may be one that the user must not see. */
MUST_CHECK bool writer_bad(struct batch_writer *w, struct writer_col *c, enum errcode code, const char *what, ...)
	PRINTF_LIKE(4, 5);
MUST_CHECK bool writer_i64(struct batch_writer *w, struct writer_col *c, int64_t v);
MUST_CHECK bool writer_u64(struct batch_writer *w, struct writer_col *c, uint64_t v);
MUST_CHECK bool writer_f64(struct batch_writer *w, struct writer_col *c, double v);
/* A float that the source keeps in 4 bytes. */
MUST_CHECK bool writer_f32(struct batch_writer *w, struct writer_col *c, float v);
/* Text of the source: stored in a text column, parsed for any other. */
MUST_CHECK bool writer_text(struct batch_writer *w, struct writer_col *c, const char *s, size_t len);
/* Bytes for bytea; for text columns taken as text. */
MUST_CHECK bool writer_bytes(struct batch_writer *w, struct writer_col *c, const void *s, size_t len);

/* Whether 8 bytes are all ASCII and none is NUL. */
static inline bool ascii8(uint64_t x)
{
	return ((x | (x - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}
/* Valid UTF-8 without NUL; quick for ASCII. */
bool writer_text_valid(const char *s, size_t len);
static inline bool text_valid_quick(const char *s, size_t len)
{
	uint64_t x = 0x2020202020202020;
	uint32_t head, tail;

	if (len >= 8) { /* the last word may overlap the one before */
		for (size_t i = 0; i + 8 < len; i += 8) {
			memcpy(&x, s + i, 8);
			if (!ascii8(x))
				return writer_text_valid(s, len);
		}
		memcpy(&x, s + len - 8, 8);
	} else if (len >= 4) {
		memcpy(&head, s, 4);
		memcpy(&tail, s + len - 4, 4);
		x = head | (uint64_t)tail << 32;
	} else {
		for (size_t i = 0; i < len; i++)
			x = x << 8 | (unsigned char)s[i];
	}
	return ascii8(x) || writer_text_valid(s, len);
}
/* writer_text for the hot loops: plain texts go straight into their slots. */
static inline bool writer_text_quick(struct batch_writer *w, struct writer_col *c, const char *s, size_t len)
{
	struct text *slot = (struct text *)c->data + w->row;

	if (!c->quick_text)
		return writer_text(w, c, s, len);
	if (c->strip_spaces)
		while (len && s[len - 1] == ' ')
			len--;
	if (UNLIKELY((c->max_chars && len > c->max_chars) || !text_valid_quick(s, len)))
		return writer_text(w, c, s, len);
	w->nbytes += (int64_t)len;
	if (len <= TEXT_INLINE) {
		*slot = text_make(s, len);
		return true;
	}
	return heap_add(c->vec->heap, s, len, slot, w->e);
}

#endif
