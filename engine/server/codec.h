/*
 * PostgreSQL protocol 3 (manual, chapter 55): bytes to messages and back. No sockets, no state: the writer appends whole
 * messages to a buffer, the reader takes fields out of one message's body and notices when it is too short.
 */
#ifndef HOPLUU_SERVER_CODEC_H
#define HOPLUU_SERVER_CODEC_H

#include "engine/base/err.h"
#include "engine/base/str.h"

#define WIRE_MAX_STARTUP 10000           /* bytes of a startup packet, as PostgreSQL */
#define WIRE_MAX_MESSAGE (64u << 20)     /* bytes of any other message of a client */

/* First words of a startup packet. */
#define WIRE_PROTOCOL_3 196608
#define WIRE_CANCEL 80877102
#define WIRE_SSL 80877103
#define WIRE_GSS 80877104

/* ---- writing ---- */

struct wire_out {
	struct strbuf buf;
	size_t start; /* of the open message */
};
void wire_init(struct wire_out *w);
void wire_release(struct wire_out *w);
void wire_begin(struct wire_out *w, char type);
void wire_byte(struct wire_out *w, uint8_t v);
void wire_i16(struct wire_out *w, int v);
void wire_i32(struct wire_out *w, int64_t v); /* the low 32 bits */
void wire_i64(struct wire_out *w, int64_t v);
void wire_bytes(struct wire_out *w, const void *data, size_t len);
void wire_text(struct wire_out *w, const char *s); /* with its zero */
/* A length that wire_length_end fills in: a value whose size is known later. */
size_t wire_length_begin(struct wire_out *w);
void wire_length_end(struct wire_out *w, size_t at);
/* Ends the message. False: it is over 1 GiB (54000), and gone. */
MUST_CHECK bool wire_end(struct wire_out *w, struct err *e);
/* Takes the open message back. */
void wire_drop(struct wire_out *w);

/* ErrorResponse ('E') or NoticeResponse ('N'): severity "ERROR", "FATAL", "WARNING" …; sql gives the position in
 * characters, NULL = none is sent. */
void wire_error(struct wire_out *w, char type, const char *severity, const struct err *e, const char *sql);
void wire_parameter(struct wire_out *w, const char *name, const char *value);
void wire_ready(struct wire_out *w, char transaction);

/* ---- reading ---- */

struct wire_in {
	const unsigned char *at, *end;
	bool bad; /* the message was too short: all that is taken is 0 or empty */
};
struct wire_in wire_in_of(const void *data, size_t len);
uint8_t wire_take_byte(struct wire_in *in);
int wire_take_i16(struct wire_in *in);
int32_t wire_take_i32(struct wire_in *in);
const char *wire_take_text(struct wire_in *in); /* into the message, never NULL */
struct str wire_take_bytes(struct wire_in *in, size_t len);
/* All fields were there and nothing else is; else 08P01. */
MUST_CHECK bool wire_at_end(const struct wire_in *in, struct err *e);

#endif
