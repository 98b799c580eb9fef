/*
 * The window functions: names, arguments, result types. What they compute needs the rows of a partition
 * and is the executor's (engine/execute/window_value.c), which knows them by name; aggregates are window
 * functions as they are. The value of lag, lead and the *_value functions has the type of their argument;
 * the binder has given lag's default the same.
 */
#include "engine/function/tables.h"

static struct type infer_first(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	(void)pick;
	return arg_types[0];
}

#define ANY {TYPE_VOID, 0, 0, 0, -1}
#define RANKING(fname, r, text)                                                                    \
	{.name = fname, .kind = FUNC_WINDOW, .result = T(r), .help = text}
#define OF_ROWS(fname, n, text, ...)                                                               \
	{.name = fname, .kind = FUNC_WINDOW, .nargs = n, .args = {__VA_ARGS__}, .result = ANY,         \
	 .flags = FUNC_NOT_STRICT | FUNC_CAN_FAIL, .infer = infer_first, .help = text}

const struct func functions_window_rank[] = {
	RANKING("row_number", INT8, "number of the row in its partition, from 1"),
	RANKING("rank", INT8, "number of the first row of the peers"),
	RANKING("dense_rank", INT8, "number of the peer group, from 1"),
	RANKING("percent_rank", FLOAT8, "(rank - 1) / (rows of the partition - 1)"),
	RANKING("cume_dist", FLOAT8, "share of the partition's rows up to the last peer"),
	{.name = "ntile", .kind = FUNC_WINDOW, .nargs = 1, .args = {T(INT4)}, .result = T(INT4),
	 .flags = FUNC_CAN_FAIL, .help = "number of the bucket, of n buckets of equal size"},
	OF_ROWS("lag", 1, "value in the row before", ANY),
	OF_ROWS("lag", 2, "value n rows before", ANY, T(INT4)),
	OF_ROWS("lag", 3, "value n rows before, or a default", ANY, T(INT4), ANY),
	OF_ROWS("lead", 1, "value in the row after", ANY),
	OF_ROWS("lead", 2, "value n rows after", ANY, T(INT4)),
	OF_ROWS("lead", 3, "value n rows after, or a default", ANY, T(INT4), ANY),
	OF_ROWS("first_value", 1, "value in the first row of the frame", ANY),
	OF_ROWS("last_value", 1, "value in the last row of the frame", ANY),
	OF_ROWS("nth_value", 2, "value in the n-th row of the frame", ANY, T(INT4)),
	{.name = NULL},
};
