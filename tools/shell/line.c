/*
 * Line editing with libedit: history in ~/.hopluu_history, completion on Tab, Ctrl-C clears the line. While a line is
 * edited the terminal gives Ctrl-C as a character; while a statement runs it is the signal.
 */
#define _GNU_SOURCE /* strcasestr */
#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/utf8.h"
#include "tools/shell/shell_int.h"

#define MAX_LISTED 200 /* words that Tab lists at once */

struct line_editor {
	EditLine *el;
	History *history;
	HistEvent event;
	const char *prompt;
	struct shell *shell;
	bool interrupted;
	char *line;
	char path[4096];
};

static struct line_editor *of(EditLine *el)
{
	void *data = NULL;

	el_get(el, EL_CLIENTDATA, &data);
	return data;
}

static char *prompt_text(EditLine *el)
{
	return (char *)of(el)->prompt;
}

static unsigned char on_interrupt(EditLine *el, int ch)
{
	(void)ch;
	of(el)->interrupted = true;
	fputs("^C", stdout);
	return CC_NEWLINE;
}

/* What all words begin with, in whole characters. */
static size_t common_prefix(char *const *words, size_t n)
{
	size_t len = strlen(words[0]);

	for (size_t i = 1; i < n; i++) {
		size_t k = 0;

		while (k < len && words[i][k] && words[i][k] == words[0][k])
			k++;
		len = k;
	}
	while (len && ((unsigned char)words[0][len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void list_words(char *const *words, size_t n)
{
	struct winsize size;
	size_t screen = ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	size_t widest = 0, columns;

	for (size_t i = 0; i < n; i++) {
		size_t width = utf8_width(words[i], strlen(words[i]));

		widest = width > widest ? width : widest;
	}
	columns = screen / (widest + 2) ? screen / (widest + 2) : 1;
	putc('\n', stdout);
	for (size_t i = 0; i < n && i < MAX_LISTED; i++) {
		bool last = (i + 1) % columns == 0 || i + 1 == n || i + 1 == MAX_LISTED;

		fputs(words[i], stdout);
		for (size_t k = utf8_width(words[i], strlen(words[i])); !last && k < widest + 2; k++)
			putc(' ', stdout);
		if (last)
			putc('\n', stdout);
	}
	if (n > MAX_LISTED)
		printf("… and %zu more\n", n - MAX_LISTED);
}

static int characters(const char *text, size_t len)
{
	return (int)utf8_length(text, len);
}

static unsigned char on_complete(EditLine *el, int ch)
{
	struct line_editor *l = of(el);
	const LineInfo *info = el_line(el);
	struct strbuf text;
	char **words;
	size_t start, n, prefix, typed, cursor;
	unsigned char answer = CC_ERROR;

	(void)ch;
	strbuf_init(&text, 1 << 20);
	strbuf_add(&text, strbuf_cstr(&l->shell->buffer), l->shell->buffer.len);
	cursor = text.len + (size_t)(info->cursor - info->buffer);
	strbuf_add(&text, info->buffer, (size_t)(info->lastchar - info->buffer));
	if (text.overflow) {
		strbuf_release(&text);
		return CC_ERROR;
	}
	n = complete_words(l->shell, strbuf_str(&text), cursor, &start, &words);
	typed = cursor - start;
	if (n > 0) {
		prefix = common_prefix(words, n);
		if (prefix > typed || n == 1) {
			char *insert = strndup(words[0], prefix);

			el_deletestr(el, characters(strbuf_cstr(&text) + start, typed));
			el_insertstr(el, insert);
			if (n == 1 && prefix && !strchr("./", insert[prefix - 1]))
				el_insertstr(el, " ");
			free(insert);
			answer = CC_REFRESH;
		} else {
			list_words(words, n);
			answer = CC_REDISPLAY;
		}
	}
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
	strbuf_release(&text);
	return answer;
}

struct line_editor *line_open(struct shell *s)
{
	struct line_editor *l = calloc(1, sizeof *l);
	const char *home = getenv("HOME");

	if (!l)
		abort();
	l->shell = s;
	l->el = el_init("hopluu", stdin, stdout, stderr);
	l->history = history_init();
	if (!l->el || !l->history) {
		free(l);
		return NULL;
	}
	el_set(l->el, EL_CLIENTDATA, l);
	el_set(l->el, EL_PROMPT, prompt_text);
	el_set(l->el, EL_EDITOR, "emacs");
	el_set(l->el, EL_SIGNAL, 0);
	history(l->history, &l->event, H_SETSIZE, 5000);
	history(l->history, &l->event, H_SETUNIQUE, 1);
	el_set(l->el, EL_HIST, history, l->history);
	el_set(l->el, EL_ADDFN, "hopluu-complete", "complete a name", on_complete);
	el_set(l->el, EL_ADDFN, "hopluu-interrupt", "drop the line", on_interrupt);
	el_set(l->el, EL_BIND, "^I", "hopluu-complete", NULL);
	el_set(l->el, EL_BIND, "^C", "hopluu-interrupt", NULL);
	el_set(l->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(l->el, EL_SETTY, "-d", "-isig", NULL);
	el_source(l->el, NULL);
	if (home && *home) {
		snprintf(l->path, sizeof l->path, "%s/.hopluu_history", home);
		history(l->history, &l->event, H_LOAD, l->path);
	}
	return l;
}

const char *line_read(struct line_editor *l, const char *prompt, bool *interrupted)
{
	const char *text;
	int n = 0;

	l->prompt = prompt;
	l->interrupted = false;
	text = el_gets(l->el, &n);
	*interrupted = l->interrupted;
	free(l->line);
	l->line = NULL;
	if (l->interrupted)
		return "";
	if (!text || n <= 0)
		return NULL;
	l->line = strndup(text, (size_t)n);
	/* a statement of several lines that came from the history is several lines still */
	n = (int)strlen(l->line);
	if (n && l->line[n - 1] == '\n')
		l->line[n - 1] = '\0';
	return l->line;
}

void line_remember(struct line_editor *l, struct str statement)
{
	char *copy;

	while (statement.len && strchr(" \t\r\n", statement.data[statement.len - 1]))
		statement.len--;
	copy = strndup(statement.data, statement.len);
	if (!copy)
		abort();
	/* passwords don't belong into a file */
	if (*copy && !strcasestr(copy, "password"))
		history(l->history, &l->event, H_ENTER, copy);
	free(copy);
}

void line_close(struct line_editor *l)
{
	if (!l)
		return;
	if (*l->path)
		history(l->history, &l->event, H_SAVE, l->path);
	history_end(l->history);
	el_end(l->el);
	free(l->line);
	free(l);
}
