#!/bin/sh
# Turns a text file into a C source on standard output: an array named by the file's path below its
# room (catalog/vietnam/units.tsv -> embed_units_tsv), so that data is compiled into the program.
# usage: embed.sh FILE
set -eu
symbol=$(basename "$1" | tr '.-' '__')
printf 'extern const char embed_%s[];\nconst char embed_%s[] =\n""\n' "$symbol" "$symbol"
sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e 's/^/"/' -e 's/$/\\n"/' "$1"
printf ';\n'
