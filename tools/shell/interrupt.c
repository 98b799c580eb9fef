/*
 * Ctrl-C and the progress line. The signal handler only posts a semaphore; one thread waits for it and cancels the
 * session's statement (also when the process is told to end: nothing goes on running at the sources), and while a
 * statement runs on a terminal it prints how many rows each source has sent.
 * Guarded by `lock`: which session and run are watched, so that neither is gone when the thread looks.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/utf8.h"
#include "tools/shell/shell_int.h"

static sem_t interrupted;
static volatile sig_atomic_t terminated; /* number of the signal that asks the process to end */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shell *watched; /* guarded by lock */
static struct run *running;   /* guarded by lock */
static int64_t since;         /* guarded by lock */
static bool line_shown;       /* guarded by lock */
static bool ends_process;     /* guarded by lock */

static void on_signal(int number)
{
	int saved = errno;

	if (number != SIGINT)
		terminated = number;
	sem_post(&interrupted);
	errno = saved;
}

static void clear_line(void)
{
	if (line_shown)
		fputs("\r\033[K", stderr);
	line_shown = false;
}

static size_t screen_width(void)
{
	struct winsize size;

	return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* Bytes of the text that fit into so many columns: a line that wraps could not be taken back. */
static size_t fitting(struct str text, size_t columns)
{
	size_t at = 0, used = 0;

	while (at < text.len) {
		unsigned size = utf8_size((unsigned char)text.data[at]);

		used += utf8_width(text.data + at, size);
		if (used > columns)
			break;
		at += size;
	}
	return at;
}

static void show_progress(void)
{
	struct source_progress p[32];
	size_t n = run_progress(running, p, ARRAY_LEN(p));
	struct strbuf b;

	strbuf_init(&b, 8000);
	strbuf_addf(&b, "%.0f s", (double)(clock_monotonic_us() - since) / 1e6);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&b, "  %s %lld rows%s", p[i].server, (long long)p[i].rows,
					p[i].done ? "" : p[i].waiting ? " (waiting for it)" : " …");
	clear_line();
	fwrite(strbuf_cstr(&b), 1, fitting(strbuf_str(&b), screen_width() - 1), stderr);
	fflush(stderr);
	line_shown = true;
	strbuf_release(&b);
}

static void *watch(void *arg)
{
	(void)arg;
	for (;;) {
		struct timespec until;
		bool signalled;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 250000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		signalled = sem_timedwait(&interrupted, &until) == 0;
		pthread_mutex_lock(&lock);
		if (watched && (signalled || terminated)) {
			watched->interrupted = true;
			session_cancel(watched->session);
		} else if (terminated || (signalled && ends_process)) {
			_exit(128 + (terminated ? terminated : SIGINT));
		}
		if (watched && running && watched->interactive && isatty(2) && clock_monotonic_us() - since > 2000000)
			show_progress();
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

void interrupt_setup(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	pthread_t thread;

	sem_init(&interrupted, 0, 0);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
}

void interrupt_watch(struct shell *s, struct run *r)
{
	pthread_mutex_lock(&lock);
	if (!watched) {
		since = clock_monotonic_us();
		/* what was pressed before is not for this statement */
		while (sem_trywait(&interrupted) == 0)
			;
	}
	watched = s;
	running = r;
	pthread_mutex_unlock(&lock);
}

void interrupt_quiet(void)
{
	pthread_mutex_lock(&lock);
	clear_line();
	running = NULL;
	pthread_mutex_unlock(&lock);
}

void interrupt_ends_process(bool yes)
{
	pthread_mutex_lock(&lock);
	ends_process = yes;
	pthread_mutex_unlock(&lock);
}

void interrupt_unwatch(void)
{
	pthread_mutex_lock(&lock);
	clear_line();
	watched = NULL;
	running = NULL;
	pthread_mutex_unlock(&lock);
}
