/* Between json_path_exec.c (accessors) and json_path_value.c (predicates, arithmetic, methods). */
#ifndef HOPLUU_FUNCTION_JSON_PATH_INT_H
#define HOPLUU_FUNCTION_JSON_PATH_INT_H

#include "engine/function/json_path_exec.h"
#include "engine/types/json_scan.h"
#include "engine/types/decimal.h"
#include "engine/types/json.h"

enum jp_truth { JP_FALSE, JP_TRUE, JP_UNDECIDED };

struct jp_context {
	const struct jp_run *run;
	const struct jp_value *current; /* @ */
	bool throwing;                  /* errors go to run->err */
	bool ignore_structure;          /* missing keys and the like are no errors */
	int64_t innermost_size;         /* what "last" counts from */
};

enum jp_result jp_fail(struct jp_context *x, enum errcode code, const char *message);
void jp_append(struct jp_context *x, struct jp_list *list, const struct jp_value *v);
struct jp_value jp_json(struct str json);
enum json_kind jp_kind_of(const struct jp_value *v); /* of a date or time: JSON_STRING */

enum jp_result jp_item_run(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found, bool unwrap);
enum jp_result jp_next(struct jp_context *x, const struct jp_item *cur, const struct jp_value *v, struct jp_list *found);
enum jp_result jp_unwrap(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found);
enum jp_result jp_unwrapped(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, bool unwrap, struct jp_list *found);

enum jp_truth jp_truth_of(struct jp_context *x, const struct jp_item *item, const struct jp_value *v);
enum jp_result jp_run_predicate(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found);
enum jp_result jp_run_binary(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found);
enum jp_result jp_run_unary(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found);
enum jp_result jp_run_method(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found, bool unwrap);

#endif
