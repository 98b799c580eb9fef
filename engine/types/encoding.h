/*
 * From a source's bytes to valid NFC UTF-8: latin1, windows-1252/1258 (ICU), and the Vietnamese legacy
 * font encodings TCVN 5712 (tcvn3) and VNI (own tables: no library carries them).
 */
#ifndef HOPLUU_TYPES_ENCODING_H
#define HOPLUU_TYPES_ENCODING_H

#include "engine/base/str.h"

enum encoding { ENCODING_UTF8, ENCODING_LATIN1, ENCODING_WINDOWS_1252, ENCODING_WINDOWS_1258, ENCODING_TCVN3, ENCODING_VNI };

/* "utf8", "latin1", "windows-1258", "tcvn3", "vni" … false when unknown. */
bool encoding_find(const char *name, enum encoding *out);
const char *encoding_name(enum encoding enc);
/* Appends s as UTF-8; with nfc set also normalised to NFC. 22021 naming the byte offset for bytes that
 * the encoding does not define (or invalid UTF-8, or a NUL). */
MUST_CHECK bool encoding_to_utf8(enum encoding enc, bool nfc, struct str s, struct strbuf *out, struct err *e);
/* Text in the source's encoding, for parameters sent to it; false when a character has no counterpart. */
MUST_CHECK bool encoding_from_utf8(enum encoding enc, struct str s, struct strbuf *out);
/* Whether valid UTF-8 is NFC already (a fast ASCII path first). */
bool text_is_nfc(struct str s);
MUST_CHECK bool text_to_nfc(struct str s, struct strbuf *out);

#endif
