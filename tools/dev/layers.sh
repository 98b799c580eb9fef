#!/bin/sh
# Floors: a file may include its own room and the rooms below it (tools/dev/layers.txt says which). Also: a header that ends
# in _int.h is its own room's only.
cd "$(dirname "$0")/../.." || exit 1
awk '
function room(path,   r) {
	for (r = path; r != ""; ) {
		if (r in floor) return r
		if (!sub(/\/[^\/]*$/, "", r)) return ""
	}
	return ""
}
FNR == NR { if ($0 !~ /^#/ && NF >= 2) { floor[$1] = $2; for (i = 3; i <= NF; i++) extra[$1, $i] = 1 } next }
{
	split($0, part, ":"); file = part[1]; line = $0
	if (match(line, /"[^"]+"/)) target = substr(line, RSTART + 1, RLENGTH - 2); else next
	if (target !~ /\//) next
	from = room(file); to = room(target)
	if (from == "" || to == "" || from ~ /^tests/) next
	bad = 0
	if (from != to && floor[to] >= floor[from] && !((from, to) in extra)) bad = 1
	if ((from, "!" to) in extra) bad = 1
	if (target ~ /_int\.h$/ && from != to) bad = 1
	if (bad) { print "layers: " file " (" from ", floor " floor[from] ") may not include " target " (" to ", floor " floor[to] ")"; failed = 1 }
}
END { exit failed }' tools/dev/layers.txt - <<LIST
$(git ls-files '*.c' '*.h' '*.y' '*.inc' '*.def' | xargs grep -n '^[[:space:]]*#include "')
LIST
