/* Writing of result sets, see format.h. Widths are terminal columns, so Vietnamese with combining marks and wide
 * characters align. */
#include "tools/shell/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/utf8.h"

#define LOOK_AHEAD 5000                      /* rows that a table waits for before it fixes its widths … */
#define LOOK_AHEAD_BYTES ((size_t)8 << 20)   /* … if they aren't larger than this */
#define MAX_PADDED 1000                      /* wider cells stick out of their column, the others aren't padded to them */

struct cell {
	char *text; /* NULL = SQL NULL */
	uint32_t len, width;
};
struct formatter {
	FILE *out;
	enum output_format format;
	bool header, started;
	const char *null_text;
	const struct result_column *cols;
	uint32_t ncols;
	struct text_context text;
	struct cell *held; /* LOOK_AHEAD * ncols */
	uint32_t nheld;
	size_t held_bytes;
	uint32_t *widths;
	int64_t rows;
	struct strbuf scratch;
};

static const char *const names[] = {"table", "expanded", "csv", "tsv", "json", "jsonl", "markdown"};

bool format_find(const char *name, enum output_format *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum output_format)i;
			return true;
		}
	return false;
}

static uint32_t width_of(const char *text, size_t len)
{
	return (uint32_t)utf8_width(text, len);
}

/* Control characters would break the lines and can command a terminal: shown as escapes. Markdown also reads some
 * marks of its own; a cell there is one line. */
static void add_visible(const struct formatter *f, struct strbuf *b, const char *s, size_t len)
{
	bool md = f->format == FORMAT_MARKDOWN;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (md && (c == '|' || c == '\\' || c == '`' || c == '*' || c == '<'))
			strbuf_addf(b, "\\%c", c);
		else if (c == '\n')
			strbuf_adds(b, md ? "<br>" : "\\n");
		else if (c == '\t')
			strbuf_adds(b, md ? " " : "\\t");
		else if (c == '\r')
			strbuf_adds(b, md ? "" : "\\r");
		else if (c < 0x20 || c == 0x7f)
			strbuf_addf(b, "\\x%02x", c);
		else if (c == 0xc2 && i + 1 < len && (unsigned char)s[i + 1] < 0xa0)
			strbuf_addf(b, "\\u%04x", (unsigned)(unsigned char)s[++i]);
		else
			strbuf_addc(b, (char)c);
	}
}

static void widen(struct formatter *f, uint32_t column, uint32_t width)
{
	if (width > MAX_PADDED)
		width = MAX_PADDED;
	if (!f->started && width > f->widths[column])
		f->widths[column] = width;
}

struct formatter *format_begin(FILE *out, enum output_format format, bool header, const char *null_text,
							   const struct result_column *cols, uint32_t ncols, const struct text_context *text)
{
	struct formatter *f = calloc(1, sizeof *f);

	if (!f)
		abort();
	*f = (struct formatter){.out = out, .format = format, .header = header, .null_text = null_text, .cols = cols,
							.ncols = ncols, .text = *text};
	f->widths = calloc(ncols + 1, sizeof *f->widths);
	f->held = format == FORMAT_TABLE || format == FORMAT_MARKDOWN ? calloc((size_t)LOOK_AHEAD * (ncols + 1), sizeof *f->held) : NULL;
	strbuf_init(&f->scratch, 0);
	for (uint32_t i = 0; i < ncols; i++) {
		add_visible(f, &f->scratch, cols[i].name, strlen(cols[i].name));
		widen(f, i, width_of(strbuf_cstr(&f->scratch), f->scratch.len));
		strbuf_reset(&f->scratch);
	}
	return f;
}

static bool is_numeric(struct type t)
{
	return type_is_number(t) && !t.array;
}

static void print_value(struct formatter *f, const struct vec *v, uint32_t row)
{
	struct value x = vec_get(v, row);

	strbuf_reset(&f->scratch);
	if (!x.is_null)
		value_print(&x, &f->text, &f->scratch);
}

static void pad(FILE *out, uint32_t n)
{
	while (n-- > 0)
		putc(' ', out);
}

static void rule(struct formatter *f, const char *line, const char *cross)
{
	for (uint32_t i = 0; i < f->ncols; i++) {
		if (i)
			fputs(cross, f->out);
		for (uint32_t k = 0; k < f->widths[i] + 2; k++)
			fputs(line, f->out);
	}
	putc('\n', f->out);
}

static void table_row(struct formatter *f, const struct cell *cells)
{
	bool md = f->format == FORMAT_MARKDOWN;

	for (uint32_t i = 0; i < f->ncols; i++) {
		const char *text = cells[i].text ? cells[i].text : f->null_text;
		uint32_t width = cells[i].text ? cells[i].width : width_of(text, strlen(text));
		uint32_t room = f->widths[i] > width ? f->widths[i] - width : 0;
		bool right = is_numeric(f->cols[i].type) && cells[i].text;

		fputs(md ? "| " : i ? "| " : " ", f->out);
		if (right)
			pad(f->out, room);
		fputs(text, f->out);
		if (!right && (md || i + 1 < f->ncols))
			pad(f->out, room);
		if (md || i + 1 < f->ncols)
			putc(' ', f->out);
	}
	fputs(md ? "|\n" : "\n", f->out);
}

static void table_header(struct formatter *f)
{
	bool md = f->format == FORMAT_MARKDOWN;

	for (uint32_t i = 0; i < f->ncols; i++) {
		uint32_t width, room, left;

		strbuf_reset(&f->scratch);
		add_visible(f, &f->scratch, f->cols[i].name, strlen(f->cols[i].name));
		width = width_of(strbuf_cstr(&f->scratch), f->scratch.len);
		room = f->widths[i] > width ? f->widths[i] - width : 0;
		left = md ? 0 : room / 2;
		fputs(md ? "| " : i ? "| " : " ", f->out);
		pad(f->out, left);
		fputs(strbuf_cstr(&f->scratch), f->out);
		if (md || i + 1 < f->ncols)
			pad(f->out, room - left);
		if (md || i + 1 < f->ncols)
			putc(' ', f->out);
	}
	fputs(md ? "|\n" : "\n", f->out);
	if (!md) {
		rule(f, "-", "+");
		return;
	}
	for (uint32_t i = 0; i < f->ncols; i++) {
		bool right = is_numeric(f->cols[i].type);

		fputs("|", f->out);
		for (uint32_t k = 0; k < f->widths[i] + 1; k++)
			putc('-', f->out);
		fputs(right ? ":" : "-", f->out);
	}
	fputs("|\n", f->out);
}

/* Widths are as far as seen; from here on rows go straight out. */
static void flush_table(struct formatter *f)
{
	if (!f->started && (f->header || f->format == FORMAT_MARKDOWN))
		table_header(f);
	f->started = true;
	for (uint32_t r = 0; r < f->nheld; r++)
		table_row(f, f->held + (size_t)r * f->ncols);
	for (size_t i = 0; i < (size_t)f->nheld * f->ncols; i++)
		free(f->held[i].text);
	f->nheld = 0;
	f->held_bytes = 0;
}

static void hold_row(struct formatter *f, const struct batch *b, uint32_t row)
{
	struct cell *cells = f->held + (size_t)f->nheld * f->ncols;

	for (uint32_t i = 0; i < f->ncols; i++) {
		struct strbuf visible;

		if (vec_get(&b->cols[i], row).is_null) {
			cells[i] = (struct cell){NULL, 0, 0};
			widen(f, i, width_of(f->null_text, strlen(f->null_text)));
			continue;
		}
		print_value(f, &b->cols[i], row);
		strbuf_init(&visible, 0);
		add_visible(f, &visible, strbuf_cstr(&f->scratch), f->scratch.len);
		cells[i].text = visible.data ? visible.data : strdup("");
		cells[i].len = (uint32_t)visible.len;
		cells[i].width = width_of(cells[i].text, visible.len);
		widen(f, i, cells[i].width);
		f->held_bytes += visible.cap;
	}
	f->nheld++;
	if (f->started)
		flush_table(f);
}

static void expanded_row(struct formatter *f, const struct batch *b, uint32_t row)
{
	uint32_t widest = 0;

	for (uint32_t i = 0; i < f->ncols; i++)
		widest = f->widths[i] > widest ? f->widths[i] : widest;
	fprintf(f->out, "-[ RECORD %lld ]", (long long)f->rows + 1);
	for (uint32_t i = 16; i < widest + 20; i++)
		putc('-', f->out);
	putc('\n', f->out);
	for (uint32_t i = 0; i < f->ncols; i++) {
		struct strbuf visible;

		strbuf_init(&visible, 0);
		add_visible(f, &visible, f->cols[i].name, strlen(f->cols[i].name));
		fputs(strbuf_cstr(&visible), f->out);
		pad(f->out, widest - f->widths[i]);
		strbuf_reset(&visible);
		print_value(f, &b->cols[i], row);
		add_visible(f, &visible, strbuf_cstr(&f->scratch), f->scratch.len);
		fprintf(f->out, " | %s\n", vec_get(&b->cols[i], row).is_null ? f->null_text : strbuf_cstr(&visible));
		strbuf_release(&visible);
	}
}

/* RFC 4180: quoted where needed; NULL is empty, an empty text is "". */
static void csv_field(FILE *out, const char *s, size_t len)
{
	bool quote = len == 0;

	for (size_t i = 0; i < len && !quote; i++)
		quote = s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r' || (i == 0 && s[i] == ' ') || (i == len - 1 && s[i] == ' ');
	if (!quote) {
		fwrite(s, 1, len, out);
		return;
	}
	putc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			putc('"', out);
		putc(s[i], out);
	}
	putc('"', out);
}

/* PostgreSQL's COPY text form: backslash escapes, \N for NULL. */
static void tsv_field(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (s[i]) {
		case '\t':
			fputs("\\t", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		case '\r':
			fputs("\\r", out);
			break;
		case '\\':
			fputs("\\\\", out);
			break;
		default:
			putc(s[i], out);
		}
}

static void separated_row(struct formatter *f, const struct batch *b, uint32_t row)
{
	for (uint32_t i = 0; i < f->ncols; i++) {
		bool null = vec_get(&b->cols[i], row).is_null;

		if (i)
			putc(f->format == FORMAT_CSV ? ',' : '\t', f->out);
		print_value(f, &b->cols[i], row);
		if (f->format == FORMAT_CSV) {
			if (!null)
				csv_field(f->out, strbuf_cstr(&f->scratch), f->scratch.len);
		} else if (null) {
			fputs("\\N", f->out);
		} else {
			tsv_field(f->out, strbuf_cstr(&f->scratch), f->scratch.len);
		}
	}
	putc('\n', f->out);
}

static void json_text(FILE *out, const char *s, size_t len)
{
	putc('"', out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c == '\r')
			fputs("\\r", out);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void json_value(struct formatter *f, const struct vec *v, uint32_t row)
{
	struct value x = vec_get(v, row);

	if (x.is_null) {
		fputs("null", f->out);
		return;
	}
	print_value(f, v, row);
	if (x.type.id == TYPE_BOOL)
		fputs(x.b ? "true" : "false", f->out);
	else if ((x.type.id == TYPE_JSON || x.type.id == TYPE_JSONB) && !x.type.array)
		/* line ends in JSON are mere blanks; a record of JSON lines is one line */
		for (const char *p = strbuf_cstr(&f->scratch); *p; p++)
			putc(*p == '\n' || *p == '\r' ? ' ' : *p, f->out);
	else if (is_numeric(x.type) && (f->scratch.data[0] == '-' || (f->scratch.data[0] >= '0' && f->scratch.data[0] <= '9')) &&
			 strcmp(f->scratch.data, "-Infinity") != 0)
		fputs(f->scratch.data, f->out);
	else
		json_text(f->out, strbuf_cstr(&f->scratch), f->scratch.len);
}

static void json_row(struct formatter *f, const struct batch *b, uint32_t row)
{
	if (f->format == FORMAT_JSON)
		fputs(f->rows == 0 ? "[\n  " : ",\n  ", f->out);
	putc('{', f->out);
	for (uint32_t i = 0; i < f->ncols; i++) {
		if (i)
			fputs(", ", f->out);
		json_text(f->out, f->cols[i].name, strlen(f->cols[i].name));
		fputs(": ", f->out);
		json_value(f, &b->cols[i], row);
	}
	putc('}', f->out);
	if (f->format == FORMAT_JSONL)
		putc('\n', f->out);
}

static void separated_header(struct formatter *f)
{
	for (uint32_t i = 0; i < f->ncols; i++) {
		if (i)
			putc(f->format == FORMAT_CSV ? ',' : '\t', f->out);
		if (f->format == FORMAT_CSV)
			csv_field(f->out, f->cols[i].name, strlen(f->cols[i].name));
		else
			tsv_field(f->out, f->cols[i].name, strlen(f->cols[i].name));
	}
	putc('\n', f->out);
}

static void start(struct formatter *f)
{
	if (f->started || f->held)
		return;
	f->started = true;
	if ((f->format == FORMAT_CSV || f->format == FORMAT_TSV) && f->header)
		separated_header(f);
}

bool format_writes(const struct formatter *f, const struct batch *b)
{
	return !f->held || f->started || !b || f->nheld + b->rows > LOOK_AHEAD || f->held_bytes > LOOK_AHEAD_BYTES;
}

bool format_rows(struct formatter *f, const struct batch *b)
{
	if (f->held && !f->started && format_writes(f, b))
		flush_table(f);
	start(f);
	for (uint32_t r = 0; r < b->rows; r++) {
		switch (f->format) {
		case FORMAT_TABLE:
		case FORMAT_MARKDOWN:
			hold_row(f, b, r);
			break;
		case FORMAT_EXPANDED:
			expanded_row(f, b, r);
			break;
		case FORMAT_CSV:
		case FORMAT_TSV:
			separated_row(f, b, r);
			break;
		case FORMAT_JSON:
		case FORMAT_JSONL:
			json_row(f, b, r);
			break;
		}
		f->rows++;
	}
	return !ferror(f->out);
}

size_t format_lines(const struct formatter *f, const struct batch *b)
{
	size_t rows = (size_t)f->rows + (b ? b->rows : 0);

	return f->format == FORMAT_EXPANDED ? rows * (f->ncols + 1) : rows + 3;
}

size_t format_columns(const struct formatter *f)
{
	size_t sum = 0;

	for (uint32_t i = 0; f->held && i < f->ncols; i++)
		sum += f->widths[i] + 3;
	return sum;
}

void format_redirect(struct formatter *f, FILE *out)
{
	f->out = out;
}

void format_drop(struct formatter *f)
{
	for (size_t i = 0; i < (size_t)f->nheld * f->ncols; i++)
		free(f->held[i].text);
	strbuf_release(&f->scratch);
	free(f->held);
	free(f->widths);
	free(f);
}

bool format_end(struct formatter *f, bool complete, int64_t *rows)
{
	bool ok;

	start(f);
	if (f->held)
		flush_table(f);
	if (f->format == FORMAT_JSON && complete)
		fputs(f->rows ? "\n]\n" : "[]\n", f->out);
	if (f->format == FORMAT_TABLE && complete && f->header)
		fprintf(f->out, "(%lld row%s)\n", (long long)f->rows, f->rows == 1 ? "" : "s");
	if (f->format == FORMAT_EXPANDED && complete && f->rows == 0)
		fputs("(0 rows)\n", f->out);
	ok = fflush(f->out) == 0 && !ferror(f->out);
	*rows = f->rows;
	format_drop(f);
	return ok;
}
