# Read by the image's own first start, with INFLUX_CMD ready to run one statement as the administrator.
# Dwellings live in a database of their own; Grafana's user has no right on it.
axone_password="$(cat /run/secrets/influxdb-password)"
grafana_password="$(cat /run/secrets/grafana-influxdb-password)"
$INFLUX_CMD 'CREATE DATABASE "axone"'
$INFLUX_CMD 'CREATE DATABASE "axone_dwellings"'
$INFLUX_CMD "CREATE USER \"axone\" WITH PASSWORD '${axone_password}'"
$INFLUX_CMD 'GRANT ALL ON "axone" TO "axone"'
$INFLUX_CMD 'GRANT ALL ON "axone_dwellings" TO "axone"'
$INFLUX_CMD "CREATE USER \"grafana\" WITH PASSWORD '${grafana_password}'"
$INFLUX_CMD 'GRANT READ ON "axone" TO "grafana"'
unset axone_password grafana_password
