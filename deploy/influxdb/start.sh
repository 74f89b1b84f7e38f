#!/bin/bash
# The image wants its administrator's password in a variable: it is read from its file here, for this process only.
set -euo pipefail
INFLUXDB_ADMIN_PASSWORD="$(cat /run/secrets/influxdb-admin-password)"
export INFLUXDB_ADMIN_PASSWORD
exec /entrypoint.sh influxd
