/*
 * Where in a text an error stands, drawn for a terminal: the line with a caret under the place,
 * right also under combining and wide characters. Works on texts that are not valid UTF-8. Pure.
 */
#include "parser/diagnose.h"
#include "engine/base/utf8.h"

#define DEFAULT_WIDTH 100

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

struct source_place source_place(struct str text, size_t offset)
{
	struct source_place place = {.line = 1};
	if (offset > text.len)
		offset = text.len;
	size_t start = 0;
	for (size_t i = 0; i < offset; i++) {
		bool pair = text.data[i] == '\r' && i + 1 < text.len && text.data[i + 1] == '\n';
		if (is_line_end(text.data[i]) && !(pair && i + 1 < text.len)) {
			place.line++;
			start = i + 1;
		}
	}
	size_t end = offset;
	while (end < text.len && !is_line_end(text.data[end]))
		end++;
	place.text = str_make(text.data + start, end - start);
	if (offset < start)
		offset = start;
	size_t valid = utf8_valid_prefix(text.data + start, offset - start);
	place.column = 1 + utf8_length(text.data + start, valid) + (offset - start - valid);
	return place;
}

/* Steps one character: its bytes and terminal columns; invalid and control bytes are shown as one
 * `?`. */
static size_t character(struct str s, size_t i, size_t *columns, bool *shown)
{
	unsigned char c = (unsigned char)s.data[i];
	size_t size = utf8_size(c);
	*shown = c >= 0x20 && c != 0x7f && i + size <= s.len && utf8_is_valid(s.data + i, size);
	*columns = *shown ? utf8_width(s.data + i, size) : 1;
	return *shown ? size : 1;
}

static void add_line(struct strbuf *out, struct str line)
{
	size_t columns;
	bool shown;
	for (size_t i = 0; i < line.len;) {
		size_t size = character(line, i, &columns, &shown);
		if (shown)
			strbuf_add(out, line.data + i, size);
		else
			strbuf_addc(out, line.data[i] == '\t' ? ' ' : '?');
		i += size;
	}
}

static size_t width_of(struct str line)
{
	size_t total = 0, columns;
	bool shown;
	for (size_t i = 0; i < line.len;) {
		i += character(line, i, &columns, &shown);
		total += columns;
	}
	return total;
}

/* The longest start of the line that has at most `width` columns. */
static size_t fitting(struct str line, size_t width)
{
	size_t total = 0, columns, i = 0;
	bool shown;
	while (i < line.len) {
		size_t size = character(line, i, &columns, &shown);
		if (total + columns > width)
			break;
		total += columns;
		i += size;
	}
	return i;
}

void err_render_caret(struct strbuf *out, struct str text, const struct err *e, size_t width)
{
	if (e->position <= 0)
		return;
	size_t offset = (size_t)e->position - 1;
	struct source_place place = source_place(text, offset);
	size_t start = (size_t)(place.text.data - text.data);
	size_t at = offset > start ? offset - start : 0;
	if (at > place.text.len)
		at = place.text.len;
	if (width == 0)
		width = DEFAULT_WIDTH;
	struct str before = str_make(place.text.data, at),
			   after = str_make(place.text.data + at, place.text.len - at);
	bool cut_left = width_of(before) > width * 2 / 3;
	if (cut_left) {
		size_t drop = fitting(before, width_of(before) - width / 2);
		before = str_make(before.data + drop, before.len - drop);
	}
	size_t room = width_of(before) < width ? width - width_of(before) : 0;
	size_t keep = fitting(after, room);
	bool cut_right = keep < after.len;
	after.len = keep;
	strbuf_addf(out, "line %zu, column %zu\n", place.line, place.column);
	strbuf_adds(out, cut_left ? "…" : "");
	add_line(out, before);
	add_line(out, after);
	strbuf_adds(out, cut_right ? "…\n" : "\n");
	for (size_t i = 0; i < width_of(before) + cut_left; i++)
		strbuf_addc(out, ' ');
	strbuf_adds(out, "^\n");
}
