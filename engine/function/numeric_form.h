/*
 * Which form numeric arguments and results stand in: the rules that infer functions share. Integers
 * count as numeric(5,0), (10,0) and (19,0): what a cast of them gives.
 */
#ifndef HOPLUU_FUNCTION_NUMERIC_FORM_H
#define HOPLUU_FUNCTION_NUMERIC_FORM_H

#include "engine/function/func.h"

/* The numeric type that a value of t is before any rounding: fixed for integers and fixed numerics,
 * general for everything else. */
struct type numeric_form(struct type t);
/* Makes both arguments one fixed form that holds every value of either; returns it, or the general
 * numeric (then both are general). The forms may differ in precision but not in scale and physical
 * type; at_least is the smallest precision whose physical type they must have (0 = own need). */
struct type numeric_align(struct type *arg_types, int at_least);
/* For functions that read every numeric form as it comes: changes nothing, gives the row's result. */
struct type infer_any_form(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick);
/* Aligns two arguments when they are numeric; gives the row's result. */
struct type infer_aligned(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick);

#endif
