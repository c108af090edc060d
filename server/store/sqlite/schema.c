/* The schema, as steps from each version to the next. A step that was released never changes. */
#include <stdio.h>
#include <time.h>

#include "server/store/sqlite/session.h"

/* Columns are those of the records' shapes (server/store/shape.c). A reference that is none is NULL. */
static const char first[] =
    "CREATE TABLE product ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " notes TEXT NOT NULL,"
    " chip INTEGER NOT NULL,"
    " flash_size INTEGER NOT NULL,"
    " firmware TEXT NOT NULL,"
    " gzip INTEGER NOT NULL,"
    " enrolment INTEGER NOT NULL,"
    " channel INTEGER REFERENCES channel (id) DEFERRABLE INITIALLY DEFERRED,"
    " attempts_max INTEGER NOT NULL,"
    " created INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE channel ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " product INTEGER NOT NULL REFERENCES product (id),"
    " name TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " UNIQUE (product, name)"
    ") STRICT;"
    "CREATE INDEX channel_product ON channel (product);"
    "CREATE INDEX channel_name ON channel (name);"

    "CREATE TABLE route ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " path TEXT NOT NULL UNIQUE,"
    " product INTEGER NOT NULL REFERENCES product (id),"
    " channel INTEGER REFERENCES channel (id)"
    ") STRICT;"
    "CREATE INDEX route_product ON route (product);"
    "CREATE INDEX route_channel ON route (channel);"

    "CREATE TABLE release ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " product INTEGER NOT NULL REFERENCES product (id),"
    " kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " version TEXT NOT NULL CHECK (version <> ''),"
    " notes TEXT NOT NULL,"
    " sha256 BLOB NOT NULL,"
    " md5 BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " compressed INTEGER NOT NULL,"
    " is_signed INTEGER NOT NULL,"
    " gzip_sha256 BLOB NOT NULL,"
    " gzip_md5 BLOB NOT NULL,"
    " gzip_size INTEGER NOT NULL,"
    " image_md5 BLOB NOT NULL,"
    " image_size INTEGER NOT NULL,"
    " sketch_size INTEGER NOT NULL,"
    " flash_md5 BLOB NOT NULL,"
    " flash_sha256 BLOB NOT NULL,"
    " flash_size INTEGER NOT NULL,"
    " flash_mode INTEGER NOT NULL,"
    " firmware TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " published INTEGER NOT NULL,"
    " UNIQUE (product, kind, version)"
    ") STRICT;"
    "CREATE INDEX release_product ON release (product);"
    "CREATE INDEX release_version ON release (version);"
    "CREATE INDEX release_sha256 ON release (sha256);"
    "CREATE INDEX release_gzip_sha256 ON release (gzip_sha256);"

    "CREATE TABLE rollout ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " product INTEGER NOT NULL REFERENCES product (id),"
    " release INTEGER NOT NULL REFERENCES release (id),"
    " channel INTEGER REFERENCES channel (id),"
    " query TEXT NOT NULL,"
    " state INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " waves TEXT NOT NULL,"
    " wave INTEGER NOT NULL,"
    " wave_since INTEGER NOT NULL,"
    " soak INTEGER NOT NULL,"
    " hours_from INTEGER NOT NULL,"
    " hours_to INTEGER NOT NULL,"
    " hours_zone INTEGER NOT NULL,"
    " halt_count INTEGER NOT NULL,"
    " halt_share INTEGER NOT NULL,"
    " halt_sample INTEGER NOT NULL,"
    " downgrade INTEGER NOT NULL,"
    " offered INTEGER NOT NULL,"
    " succeeded INTEGER NOT NULL,"
    " failed INTEGER NOT NULL,"
    " wave_outcomes INTEGER NOT NULL,"
    " created INTEGER NOT NULL,"
    " started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX rollout_product ON rollout (product);"
    "CREATE INDEX rollout_release ON rollout (release);"
    "CREATE INDEX rollout_channel ON rollout (channel);"
    "CREATE INDEX rollout_state ON rollout (state);"

    "CREATE TABLE device ("
    " mac INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " product INTEGER REFERENCES product (id),"
    " channel INTEGER REFERENCES channel (id),"
    " tags TEXT NOT NULL,"
    " pin INTEGER REFERENCES release (id),"
    " enrolment INTEGER NOT NULL,"
    " enrolled INTEGER NOT NULL,"
    " seen INTEGER NOT NULL,"
    " last_fields INTEGER NOT NULL,"
    " last_chip INTEGER NOT NULL,"
    " last_mode INTEGER NOT NULL,"
    " last_ap_mac INTEGER NOT NULL,"
    " last_chip_id INTEGER NOT NULL,"
    " last_free_space INTEGER NOT NULL,"
    " last_sketch_size INTEGER NOT NULL,"
    " last_chip_size INTEGER NOT NULL,"
    " last_md5 BLOB NOT NULL,"
    " last_sha256 BLOB NOT NULL,"
    " last_sdk TEXT NOT NULL,"
    " last_version TEXT NOT NULL,"
    " running INTEGER REFERENCES release (id),"
    " filesystem INTEGER REFERENCES release (id),"
    " sketch_release INTEGER REFERENCES release (id),"
    " sketch_rollout INTEGER REFERENCES rollout (id),"
    " sketch_state INTEGER NOT NULL,"
    " sketch_offers INTEGER NOT NULL,"
    " sketch_failures INTEGER NOT NULL,"
    " sketch_since INTEGER NOT NULL,"
    " filesystem_release INTEGER REFERENCES release (id),"
    " filesystem_rollout INTEGER REFERENCES rollout (id),"
    " filesystem_state INTEGER NOT NULL,"
    " filesystem_offers INTEGER NOT NULL,"
    " filesystem_failures INTEGER NOT NULL,"
    " filesystem_since INTEGER NOT NULL"
    ") STRICT;"
    /* Most devices have no name, no pin and no filesystem: those cost nothing here. */
    "CREATE INDEX device_name ON device (name) WHERE name <> '';"
    "CREATE INDEX device_product ON device (product);"
    "CREATE INDEX device_channel ON device (channel);"
    "CREATE INDEX device_pin ON device (pin) WHERE pin IS NOT NULL;"
    "CREATE INDEX device_enrolment ON device (enrolment);"
    "CREATE INDEX device_running ON device (running);"
    "CREATE INDEX device_filesystem ON device (filesystem) WHERE filesystem IS NOT NULL;"
    "CREATE INDEX device_sketch_release ON device (sketch_release) WHERE sketch_release IS NOT NULL;"
    "CREATE INDEX device_sketch_rollout ON device (sketch_rollout) WHERE sketch_rollout IS NOT NULL;"
    "CREATE INDEX device_sketch_state ON device (sketch_state);"
    "CREATE INDEX device_filesystem_release ON device (filesystem_release)"
    " WHERE filesystem_release IS NOT NULL;"

    /* One row per word of device.tags. */
    "CREATE TABLE device_tag ("
    " tag TEXT NOT NULL,"
    " mac INTEGER NOT NULL REFERENCES device (mac) ON DELETE CASCADE,"
    " PRIMARY KEY (tag, mac)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX device_tag_mac ON device_tag (mac);"
    "CREATE TRIGGER device_tag_insert AFTER INSERT ON device WHEN new.tags <> '' BEGIN"
    " INSERT INTO device_tag SELECT value, new.mac"
    " FROM json_each('[\"' || replace(new.tags, ' ', '\",\"') || '\"]');"
    "END;"
    "CREATE TRIGGER device_tag_update AFTER UPDATE OF tags ON device WHEN new.tags <> old.tags BEGIN"
    " DELETE FROM device_tag WHERE mac = new.mac;"
    " INSERT INTO device_tag SELECT value, new.mac"
    " FROM json_each('[\"' || replace(new.tags, ' ', '\",\"') || '\"]') WHERE value <> '';"
    "END;"

    /* History stays when what it is about goes. */
    "CREATE TABLE event ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " mac INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " release INTEGER NOT NULL,"
    " rollout INTEGER NOT NULL,"
    " detail TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX event_mac ON event (mac);"
    "CREATE INDEX event_rollout ON event (rollout);"

    "CREATE TABLE user ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " password TEXT NOT NULL,"
    " role INTEGER NOT NULL,"
    " disabled INTEGER NOT NULL,"
    " created INTEGER NOT NULL,"
    " seen INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE token ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " user INTEGER NOT NULL REFERENCES user (id),"
    " name TEXT NOT NULL,"
    " hash BLOB NOT NULL UNIQUE,"
    " role INTEGER NOT NULL,"
    " session INTEGER NOT NULL,"
    " created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL,"
    " used INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX token_user ON token (user);"

    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " address TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " object TEXT NOT NULL,"
    " detail TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX audit_actor ON audit (actor);"
    "CREATE INDEX audit_action ON audit (action);"
    "CREATE INDEX audit_object ON audit (object);"

    "CREATE TABLE setting ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " value TEXT NOT NULL"
    ") STRICT;";

const char *const session_steps[] = {first};
const size_t session_step_count = sizeof(session_steps) / sizeof(session_steps[0]);

/* The one number that QUERY gives, or -1 with CODE. */
static int64_t number(sqlite3 *database, const char *query, int *code)
{
    sqlite3_stmt *statement;
    int64_t value = -1;
    *code = sqlite3_prepare_v2(database, query, -1, &statement, NULL);
    if (*code == SQLITE_OK) {
        *code = sqlite3_step(statement);
        if (*code == SQLITE_ROW)
            value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

int session_version(sqlite3 *database, struct otter_reason *reason)
{
    int code;
    int64_t tables = number(database, "SELECT count(*) FROM sqlite_schema", &code);
    if (tables == 0)
        return 0;
    if (tables > 0 && number(database, "PRAGMA application_id", &code) != SESSION_APPLICATION) {
        otter_reason_set(reason, "this is a database of another program, not otterd's");
        return OTTER_STORE_CORRUPT;
    }
    int64_t version =
        tables > 0 ? number(database, "SELECT coalesce(max(version), 0) FROM migration", &code) : -1;
    return version >= 0 ? (int)version
                        : session_status(database, code, "reading the schema's version", reason);
}

static int run(sqlite3 *database, const char *sql, struct otter_reason *reason)
{
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OTTER_STORE_OK : session_status(database, code, "changing the schema", reason);
}

/* Makes version NEXT, all of it or nothing. */
static int take_step(sqlite3 *database, const char *step, size_t next, struct otter_reason *reason)
{
    char note[256];
    snprintf(note, sizeof(note),
             "CREATE TABLE IF NOT EXISTS migration"
             " (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL) STRICT;"
             "INSERT INTO migration VALUES (%zu, %lld); PRAGMA application_id = %d",
             next, (long long)time(NULL) * 1000, SESSION_APPLICATION);
    int status = run(database, "BEGIN IMMEDIATE", reason);
    if (status == OTTER_STORE_OK)
        status = run(database, step, reason);
    if (status == OTTER_STORE_OK)
        status = run(database, note, reason);
    if (status == OTTER_STORE_OK)
        status = run(database, "COMMIT", reason);
    if (status != OTTER_STORE_OK) {
        (void)sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        otter_reason_wrap(reason, "upgrading the database to version %zu", next);
    }
    return status;
}

int session_migrate(sqlite3 *database, const char *const steps[], size_t count, struct otter_reason *reason)
{
    int version = session_version(database, reason);
    if (version < 0)
        return version;
    if ((size_t)version > count) {
        otter_reason_set(reason,
                         "the database has version %d, this otterd knows up to %zu: install the otterd that "
                         "wrote it, or a later one",
                         version, count);
        return OTTER_STORE_TOO_NEW;
    }
    int status = OTTER_STORE_OK;
    for (size_t i = (size_t)version; i < count && status == OTTER_STORE_OK; i++)
        status = take_step(database, steps[i], i + 1, reason);
    return status;
}
