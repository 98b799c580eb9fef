#!/bin/bash
# Random agreements × random queries against a database that holds only what is permitted: property.py.
. "$(dirname "$0")/../program/check.inc"
/usr/bin/python3 "$HERE/property.py" "$HOPLUU" "$DIR" "$PG_PORT" "${AGREEMENTS:-25}" "${QUERIES:-40}" "${SEED:-1}"
