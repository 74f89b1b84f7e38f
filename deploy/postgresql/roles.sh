# Read by the image's own first start, where psql reaches the new database as its administrator.
# Control owns the database and makes its tables; it gives ingest's role what ingest needs and no more.
control_password="$(cat /run/secrets/postgresql-control)"
ingest_password="$(cat /run/secrets/postgresql-ingest)"
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --set ON_ERROR_STOP=1 --quiet <<SQL
CREATE ROLE axone_control LOGIN PASSWORD '${control_password}';
CREATE ROLE axone_ingest LOGIN PASSWORD '${ingest_password}';
ALTER DATABASE "${POSTGRES_DB}" OWNER TO axone_control;
REVOKE ALL ON DATABASE "${POSTGRES_DB}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "${POSTGRES_DB}" TO axone_ingest;
SQL
unset control_password ingest_password
