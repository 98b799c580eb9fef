/* Format patterns of to_char, to_date, to_timestamp and to_number, cut into nodes. */
#ifndef HOPLUU_FUNCTION_FORMAT_PATTERN_H
#define HOPLUU_FUNCTION_FORMAT_PATTERN_H

#include "engine/function/func.h"

enum pattern_id {
	/* dates: lower and upper case spellings share an id where only a name's case differs */
	P_AD_DOTS, P_AD, P_AM_DOTS, P_AM, P_CC, P_DAY, P_DDD, P_DD, P_DY, P_D, P_FF1, P_FF2, P_FF3, P_FF4, P_FF5, P_FF6,
	P_FX, P_HH24, P_HH12, P_IDDD, P_ID, P_IW, P_IYYY, P_IYY, P_IY, P_I, P_J, P_MI, P_MM, P_MONTH, P_MON, P_MS, P_OF,
	P_Q, P_RM, P_SSSS, P_SS, P_TZH, P_TZM, P_TZ, P_US, P_WW, P_W, P_Y_YYY, P_YYYY, P_YYY, P_YY, P_Y,
	/* numbers */
	N_COMMA, N_POINT, N_0, N_9, N_B, N_C, N_D, N_EEEE, N_FM, N_G, N_L, N_MI, N_PL, N_PR, N_RN, N_SG, N_SP, N_S, N_TH, N_V,
};
enum name_case { CASE_UPPER, CASE_TITLE, CASE_LOWER };
enum date_mode { MODE_NONE, MODE_GREGORIAN, MODE_ISO };

struct pattern_key {
	const char *text;
	uint8_t len;
	uint8_t id;        /* enum pattern_id */
	uint8_t name_case; /* enum name_case */
	bool digits;       /* reads digits: a number before it has its full width */
	uint8_t mode;      /* enum date_mode */
};

enum node_kind { NODE_ACTION, NODE_CHAR, NODE_SEPARATOR, NODE_SPACE, NODE_END };
struct format_node {
	enum node_kind kind;
	const struct pattern_key *key; /* NODE_ACTION */
	char ch[5];                    /* the others: one character */
	bool fm, th, TH, tm;           /* FM, th, TH, TM around the action */
};

/* Nodes ending with NODE_END, in the call site's memory: the last format is kept, so a constant one is
 * cut once. */
const struct format_node *format_nodes(struct fncall *c, struct str format, bool number);

/* ST, ND, RD, TH for the number written in s (22P02 when it does not end with a digit). NULL on error. */
const char *ordinal_suffix(struct str s, bool upper, struct err *e);

extern const char *const month_names[12], *const day_names[7]; /* day 0 = Sunday */

#endif
