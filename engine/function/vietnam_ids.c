/*
 * Vietnamese identifiers: the 12-digit personal identification number and tax codes.
 *
 * Personal number (Luật Căn cước 26/2023, NĐ 137/2015): 3 digits place of birth registration, 1 digit
 * century and sex, 2 digits birth year, 6 random; there is no check digit and the place is not checked
 * against a list (numbers keep codes of provinces that are no more). Tax code: 10 digits with a check
 * digit, the same with -NNN for dependent units, or a personal number.
 */
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/datetime.h"

static bool all_digits(struct str s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	return true;
}

static bool is_personal_id(struct str s)
{
	return s.len == 12 && all_digits(s, 0, 12) && memcmp(s.data, "000", 3) != 0;
}

/* Digit 4: 0/1 men and women born 1900-1999, 2/3 2000-2099 … */
static int birth_year(struct str s)
{
	return 1900 + (s.data[3] - '0') / 2 * 100 + (s.data[4] - '0') * 10 + (s.data[5] - '0');
}
static bool is_female(struct str s) { return (s.data[3] - '0') % 2 == 1; }

static bool valid_row(struct row *r) { return row_set_bool(r, is_personal_id(row_str(r, 0))); }
ROWS(valid_fn, valid_row, ROWS_PLAIN)

static bool valid_birth_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int32_t born = row_i32(r, 1);
	int year, month, day;

	if (born == DATE_INFINITY || born == DATE_NEG_INFINITY)
		return row_set_bool(r, false);
	date_to_civil(born, &year, &month, &day);
	return row_set_bool(r, is_personal_id(s) && birth_year(s) == year);
}
ROWS(valid_birth_fn, valid_birth_row, ROWS_PLAIN)

static bool province_row(struct row *r)
{
	struct str s = row_str(r, 0);

	return is_personal_id(s) ? row_text(r, s.data, 3) : row_set_null(r);
}
ROWS(province_fn, province_row, ROWS_NULLABLE)

static bool sex_row(struct row *r)
{
	struct str s = row_str(r, 0), word;

	if (!is_personal_id(s))
		return row_set_null(r);
	word = is_female(s) ? STR("Nữ") : STR("Nam");
	return row_text(r, word.data, word.len);
}
ROWS(sex_fn, sex_row, ROWS_NULLABLE)

static bool birth_year_row(struct row *r)
{
	struct str s = row_str(r, 0);

	return is_personal_id(s) ? row_set_i32(r, birth_year(s)) : row_set_null(r);
}
ROWS(birth_year_fn, birth_year_row, ROWS_NULLABLE)

/* The tenth digit is 10 less the weighted sum modulo 11. Where that gives 10, practice differs: 0 passes. */
static bool tax_check_digit(struct str s)
{
	static const int weights[9] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
	int sum = 0;

	for (int i = 0; i < 9; i++)
		sum += weights[i] * (s.data[i] - '0');
	return (10 - sum % 11) % 10 == s.data[9] - '0';
}

static bool is_tax_code(struct str s)
{
	if (s.len == 12)
		return is_personal_id(s);
	if (s.len != 10 && !(s.len == 14 && s.data[10] == '-' && all_digits(s, 11, 14)))
		return false;
	return all_digits(s, 0, 10) && tax_check_digit(s);
}

static bool tax_code_row(struct row *r) { return row_set_bool(r, is_tax_code(row_str(r, 0))); }
ROWS(tax_code_fn, tax_code_row, ROWS_PLAIN)

const struct func functions_vietnam_ids[] = {
	FN("personal_id_valid", BOOL, valid_fn, SURE, "whether the text has the form of a 12-digit personal identification number", T(TEXT)),
	FN("personal_id_valid", BOOL, valid_birth_fn, SURE, "whether it has that form and says the birth year of the date", T(TEXT), T(DATE)),
	FN("personal_id_province", TEXT, province_fn, SOME_NULL | SURE, "3-digit place code of a personal identification number; NULL when it is not one", T(TEXT)),
	FN("personal_id_sex", TEXT, sex_fn, SOME_NULL | SURE, "Nam or Nữ by a personal identification number; NULL when it is not one", T(TEXT)),
	FN("personal_id_birth_year", INT4, birth_year_fn, SOME_NULL | SURE, "birth year by a personal identification number; NULL when it is not one", T(TEXT)),
	FN("tax_code_valid", BOOL, tax_code_fn, SURE, "whether the text is a tax code: 10 digits with their check digit, with -NNN, or a personal number", T(TEXT)),
	FN_END,
};
