/*
 * Names. Frequencies of family names follow published counts (Nguyễn a good third of the Kinh); middle
 * and given names follow sex and generation ("Thị" and "Văn" among the old). Tables hold weights, so a
 * name is added by adding a row. No state; any thread.
 */
#include "tools/demo/names.h"

#include <stdio.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

struct weighted {
	const char *text;
	unsigned weight;
};
struct weighted_list {
	const struct weighted *items;
	size_t n;
	unsigned total;
};

static const struct weighted kinh[] = {
	{"Nguyễn", 3140}, {"Trần", 1090}, {"Lê", 950}, {"Phạm", 700}, {"Hoàng", 290}, {"Huỳnh", 220}, {"Phan", 450},
	{"Vũ", 210}, {"Võ", 180}, {"Đặng", 210}, {"Bùi", 200}, {"Đỗ", 140}, {"Hồ", 130}, {"Ngô", 130}, {"Dương", 100},
	{"Lý", 50}, {"Đinh", 85}, {"Đào", 70}, {"Đoàn", 65}, {"Trương", 90}, {"Mai", 60}, {"Lâm", 45}, {"Tô", 40},
	{"Trịnh", 60}, {"Hà", 60}, {"Cao", 55}, {"Lương", 55}, {"Lưu", 40}, {"Phùng", 35}, {"Châu", 20}, {"Tạ", 25},
	{"Thái", 25}, {"Vương", 20}, {"Nghiêm", 10}, {"Kiều", 15}, {"Quách", 12}, {"Tống", 14}, {"Chu", 25}, {"Văn", 15},
	{"La", 10}, {"Tăng", 15}, {"Bạch", 8}, {"Khuất", 6}, {"Doãn", 6}, {"Lại", 12}, {"Mạc", 8}, {"Viên", 4}, {"Ông", 3},
};
static const struct weighted tay_nung[] = {{"Hoàng", 22}, {"Nông", 20}, {"Lý", 10}, {"Ma", 8}, {"Hà", 6}, {"Triệu", 7},
	{"Lương", 7}, {"Đàm", 6}, {"Bế", 5}, {"Lục", 4}, {"Vi", 4}, {"Lô", 4}, {"Nguyễn", 10}};
static const struct weighted thai[] = {{"Lò", 30}, {"Quàng", 14}, {"Cà", 10}, {"Vi", 8}, {"Hà", 8}, {"Lường", 10},
	{"Tòng", 8}, {"Điêu", 4}, {"Cầm", 5}, {"Bạc", 3}};
static const struct weighted muong[] = {{"Bùi", 40}, {"Đinh", 16}, {"Quách", 12}, {"Hà", 12}, {"Bạch", 6}, {"Cao", 5}, {"Nguyễn", 9}};
static const struct weighted mong[] = {{"Giàng", 20}, {"Vàng", 16}, {"Sùng", 14}, {"Thào", 12}, {"Lý", 8}, {"Mùa", 8},
	{"Lầu", 6}, {"Hạng", 6}, {"Cứ", 5}, {"Hờ", 5}};
static const struct weighted dao[] = {{"Triệu", 26}, {"Bàn", 20}, {"Đặng", 18}, {"Phùng", 12}, {"Lý", 10}, {"Chảo", 8}, {"Tẩn", 6}};
static const struct weighted khmer[] = {{"Thạch", 26}, {"Sơn", 14}, {"Kim", 14}, {"Lâm", 12}, {"Danh", 16}, {"Châu", 10}, {"Kiên", 8}};
static const struct weighted hoa[] = {{"Trần", 20}, {"Lâm", 15}, {"Quách", 10}, {"Lưu", 8}, {"Huỳnh", 12}, {"Vương", 8},
	{"Tăng", 8}, {"Lý", 12}, {"Mạch", 4}, {"Phùng", 3}};
static const struct weighted highland[] = {{"Niê", 14}, {"Y", 10}, {"Siu", 12}, {"Ksor", 12}, {"Rmah", 9}, {"Kpă", 8},
	{"Rơ Châm", 8}, {"Byă", 6}, {"Mlô", 6}, {"Kbuôr", 5}, {"A", 6}, {"Đinh", 6}, {"Ayun", 4}, {"Nay", 4}};

static const struct weighted male_middle_old[] = {{"Văn", 55}, {"Đình", 6}, {"Hữu", 6}, {"Xuân", 6}, {"Ngọc", 5}, {"Quang", 5},
	{"Bá", 4}, {"Đức", 6}, {"Công", 4}, {"Thế", 3}};
static const struct weighted male_middle[] = {{"Văn", 22}, {"Đức", 10}, {"Minh", 10}, {"Quốc", 7}, {"Hữu", 6}, {"Công", 4},
	{"Đình", 4}, {"Xuân", 4}, {"Ngọc", 5}, {"Thanh", 5}, {"Quang", 6}, {"Anh", 4}, {"Gia", 6}, {"Tuấn", 4}, {"Hoàng", 6},
	{"Trọng", 3}, {"Việt", 3}, {"Mạnh", 3}, {"Duy", 4}, {"Nhật", 3}, {"Hải", 2}, {"Thành", 3}, {"Tấn", 3}, {"Chí", 2}, {"Bảo", 3}};
static const struct weighted female_middle_old[] = {{"Thị", 84}, {"Thị Kim", 3}, {"Thị Ngọc", 3}, {"Ngọc", 3}, {"Kim", 3}, {"Thị Hồng", 4}};
static const struct weighted female_middle[] = {{"Thị", 30}, {"Ngọc", 9}, {"Thanh", 6}, {"Thu", 5}, {"Phương", 6}, {"Minh", 5},
	{"Mai", 3}, {"Kim", 4}, {"Hồng", 4}, {"Bích", 3}, {"Khánh", 4}, {"Bảo", 4}, {"Diệu", 2}, {"Hải", 2}, {"Quỳnh", 3},
	{"Thùy", 4}, {"Như", 3}, {"Tuyết", 1}, {"Mỹ", 2}, {"Cẩm", 2}, {"Hoài", 2}, {"Gia", 2}, {"Thảo", 2}, {"Thị Thanh", 4},
	{"Thị Ngọc", 3}, {"Thị Thu", 3}, {"Thị Hồng", 3}, {"Thị Kim", 2}};
static const struct weighted male_given[] = {{"Hùng", 5}, {"Dũng", 5}, {"Cường", 4}, {"Minh", 5}, {"Tuấn", 6}, {"Anh", 4},
	{"Đức", 4}, {"Nam", 5}, {"Long", 4}, {"Sơn", 4}, {"Hải", 4}, {"Hoàng", 5}, {"Huy", 5}, {"Khánh", 2}, {"Phúc", 3},
	{"Quân", 3}, {"Thành", 5}, {"Thắng", 4}, {"Tiến", 3}, {"Toàn", 3}, {"Trung", 3}, {"Tú", 2}, {"Tùng", 3}, {"Việt", 2},
	{"Vinh", 2}, {"Bảo", 3}, {"Bình", 3}, {"Chiến", 2}, {"Đạt", 3}, {"Đông", 1}, {"Duy", 3}, {"Giang", 2}, {"Hào", 1},
	{"Hiếu", 3}, {"Hòa", 2}, {"Hưng", 3}, {"Khoa", 2}, {"Kiên", 3}, {"Lâm", 2}, {"Lộc", 2}, {"Lợi", 1}, {"Mạnh", 3},
	{"Nghĩa", 2}, {"Nhân", 2}, {"Phong", 3}, {"Phú", 2}, {"Phước", 2}, {"Quang", 3}, {"Quý", 1}, {"Sang", 2}, {"Tài", 2},
	{"Tâm", 2}, {"Tân", 2}, {"Thái", 2}, {"Thịnh", 2}, {"Thiện", 2}, {"Thuận", 1}, {"Tín", 1}, {"Trí", 2}, {"Trường", 3}, {"Vũ", 2}, {"Xuân", 1}};
static const struct weighted female_given[] = {{"Anh", 6}, {"Hương", 5}, {"Lan", 5}, {"Hoa", 4}, {"Hồng", 3}, {"Hà", 4},
	{"Hạnh", 3}, {"Hiền", 4}, {"Huệ", 2}, {"Huyền", 4}, {"Linh", 6}, {"Loan", 3}, {"Mai", 4}, {"My", 3}, {"Nga", 3},
	{"Ngân", 4}, {"Ngọc", 4}, {"Nhung", 3}, {"Oanh", 2}, {"Phương", 5}, {"Phượng", 2}, {"Quyên", 2}, {"Quỳnh", 3},
	{"Tâm", 2}, {"Thảo", 5}, {"Thu", 3}, {"Thủy", 4}, {"Thúy", 3}, {"Trang", 6}, {"Trâm", 2}, {"Trinh", 2}, {"Tuyết", 2},
	{"Vân", 4}, {"Vy", 4}, {"Xuân", 2}, {"Yến", 3}, {"Chi", 3}, {"Châu", 2}, {"Diễm", 2}, {"Diệp", 1}, {"Dung", 3},
	{"Duyên", 2}, {"Giang", 2}, {"Hằng", 4}, {"Hậu", 1}, {"Hòa", 2}, {"Kiều", 2}, {"Lệ", 2}, {"Liên", 3}, {"Liễu", 1},
	{"Ly", 2}, {"Mỹ", 1}, {"Nguyệt", 2}, {"Nhi", 4}, {"Như", 3}, {"Thanh", 3}, {"Thơm", 1}, {"Thương", 2}, {"Tiên", 2}, {"Uyên", 2}};
static const char *const brand[] = {"An Phát", "Đại Thành", "Hoàng Gia", "Minh Long", "Sao Việt", "Thành Công", "Phú Mỹ", "Trường Hải",
	"Hòa Bình", "Việt Tiến", "Nam Á", "Đông Dương", "Tân Cảng", "Bình Minh", "Hưng Thịnh", "Gia Bảo", "Lạc Hồng", "Phương Đông",
	"Thiên Long", "Toàn Cầu", "Thăng Long", "Bạch Đằng", "Cửu Long", "Trường Sơn", "Hải Âu", "Kim Liên", "Đất Việt", "Tiền Phong"};

static const char *pick(struct draw *d, const struct weighted *items, size_t n)
{
	unsigned total = 0;
	for (size_t i = 0; i < n; i++)
		total += items[i].weight;
	uint64_t at = draw_below(d, total);
	for (size_t i = 0; i < n; i++) {
		if (at < items[i].weight)
			return items[i].text;
		at -= items[i].weight;
	}
	return items[0].text;
}
#define PICK(d, list) pick((d), (list), ARRAY_LEN(list))

const char *name_family(struct draw *d, unsigned ethnicity)
{
	switch (ethnicity) {
	case 1: return PICK(d, kinh);
	case 2: case 7: case 15: case 25: return PICK(d, tay_nung);
	case 3: case 29: case 33: case 34: return PICK(d, thai);
	case 4: return PICK(d, hoa);
	case 5: case 17: return PICK(d, khmer);
	case 6: case 24: return PICK(d, muong);
	case 8: case 35: return PICK(d, mong);
	case 9: case 18: return PICK(d, dao);
	default: return PICK(d, highland);
	}
}

size_t name_full(struct draw *d, const char *family, bool female, int birth_year, char *out, size_t cap)
{
	bool old = draw_below(d, 60) + 1940 > (uint64_t)birth_year;
	const char *middle = female ? (old ? PICK(d, female_middle_old) : PICK(d, female_middle))
								: (old ? PICK(d, male_middle_old) : PICK(d, male_middle));
	const char *given = female ? PICK(d, female_given) : PICK(d, male_given);
	/* "Anh Anh" is nobody's name. */
	while (strcmp(given, middle) == 0 || strcmp(given, family) == 0)
		given = female ? PICK(d, female_given) : PICK(d, male_given);
	int n = snprintf(out, cap, "%s %s %s", family, middle, given);
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

size_t name_enterprise(struct draw *d, const char *form, const char *industry, char *out, size_t cap)
{
	const char *prefix = strcmp(form, "JSC") == 0         ? "Công ty Cổ phần"
						 : strcmp(form, "PRIVATE") == 0    ? "Doanh nghiệp tư nhân"
						 : strcmp(form, "PARTNERSHIP") == 0 ? "Công ty Hợp danh"
						 : strcmp(form, "LLC1") == 0        ? "Công ty TNHH MTV"
														  : "Công ty TNHH";
	const char *first = brand[draw_below(d, ARRAY_LEN(brand))];
	unsigned number = (unsigned)draw_below(d, 90) + 10;
	int n = draw_chance(d, 3000) ? snprintf(out, cap, "%s %s %s %u", prefix, industry, first, number)
								 : snprintf(out, cap, "%s %s %s", prefix, industry, first);
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

size_t name_decompose(const char *nfc, char *out, size_t cap)
{
	UChar wide[256], split[512];
	int32_t nwide = 0, nsplit = 0, nout = 0;
	UErrorCode code = U_ZERO_ERROR;
	u_strFromUTF8(wide, ARRAY_LEN(wide), &nwide, nfc, -1, &code);
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
	nsplit = unorm2_normalize(nfd, wide, nwide, split, ARRAY_LEN(split), &code);
	u_strToUTF8(out, (int32_t)cap, &nout, split, nsplit, &code);
	if (U_FAILURE(code)) /* longer than a name can be */
		return (size_t)snprintf(out, cap, "%.*s", (int)cap - 1, nfc);
	return (size_t)nout;
}
