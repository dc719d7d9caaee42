/* fill.c: devices with their software, tags and groups, a batch at a time: what refers to a device
 * follows while the device is still in the caches. */
#include "tests/sim/fill.h"

#include "tests/sim/copy.h"

#include <stdio.h>
#include <string.h>

#define BATCH 20000

struct fill {
    PGconn *connection;
    struct copy devices, software, tags, groups;
};

static const char device_columns[] =
    "id, hardware_model, hardware_revision, hardware_revision_key, slot, region, zone, position, "
    "attributes, agent_version, boot, journal, online, presence_at, seen_at, registered_at, "
    "revoked_at, position_from, position_at, region_from, zone_from, changed_at";

static void fill_init(struct fill *fill)
{
    *fill = (struct fill){0};
    copy_init(&fill->devices, "device", device_columns);
    copy_init(&fill->software, "device_software",
              "device_id, component, version, version_key, debian_key, calver_key");
    copy_init(&fill->tags, "device_tag", "device_id, tag");
    copy_init(&fill->groups, "device_group", "device_id, name");
}

static void fill_clear(struct fill *fill)
{
    copy_clear(&fill->devices);
    copy_clear(&fill->software);
    copy_clear(&fill->tags);
    copy_clear(&fill->groups);
    PQfinish(fill->connection);
}

static void add_attributes(struct copy *rows, const struct device *device)
{
    char text[4 * WG_NAME_MAX];
    (void)wg_format(text, sizeof text,
                    "{\"site\": \"%s\", \"customer\": \"%s\", \"ram_mb\": %d, \"channel\": \"%s\"}",
                    device->site, device->customer, device->ram_mb, device->channel);
    copy_text(rows, text);
}

static void add_device(struct copy *rows, const struct device *device)
{
    copy_plain(rows, device->id);
    copy_plain(rows, device->model->name);
    copy_plain(rows, device->revision);
    copy_text(rows, device->revision_key);
    copy_plain(rows, device->boot[0] < '8' ? "a" : "b");
    copy_plain(rows, device->region);
    copy_plain(rows, device->zone);
    if (device->has_position)
        copy_point(rows, device->lat, device->lon);
    else
        copy_null(rows);
    add_attributes(rows, device);
    copy_plain(rows, device->agent);
    copy_plain(rows, device->boot);
    copy_plain(rows, device->journal);
    copy_plain(rows, device->online ? "t" : "f");
    copy_time(rows, device->presence_at);
    copy_time(rows, device->seen_at);
    copy_time(rows, device->registered_at);
    copy_time(rows, device->revoked_at);
    copy_plain(rows, device->has_position ? device->position_source : "");
    copy_time(rows, device->has_position ? device->position_at : 0);
    copy_plain(rows, device->region[0] ? "hello" : "");
    copy_plain(rows, device->zone[0] ? "hello" : "");
    copy_time(rows, device->changed_at);
    copy_end_row(rows);
}

static void add_parts(struct fill *fill, const struct device *device)
{
    for (size_t i = 0; i < device->software_count; i++) {
        const struct catalogue_version *version = device->software[i].version;
        copy_plain(&fill->software, device->id);
        copy_plain(&fill->software, device->software[i].component);
        copy_text(&fill->software, version->text);
        copy_text(&fill->software, version->version_key);
        copy_text(&fill->software, version->debian_key);
        copy_text(&fill->software, version->calver_key);
        copy_end_row(&fill->software);
    }
    for (size_t i = 0; i < device->tag_count; i++) {
        copy_plain(&fill->tags, device->id);
        copy_plain(&fill->tags, device->tags[i]);
        copy_end_row(&fill->tags);
    }
    for (size_t i = 0; i < device->group_count; i++) {
        copy_plain(&fill->groups, device->id);
        copy_plain(&fill->groups, device->groups[i]);
        copy_end_row(&fill->groups);
    }
}

static bool send_batch(struct fill *fill, struct wg_error *err)
{
    return copy_send(&fill->devices, fill->connection, err) &&
           copy_send(&fill->software, fill->connection, err) &&
           copy_send(&fill->tags, fill->connection, err) &&
           copy_send(&fill->groups, fill->connection, err);
}

static bool fill_devices(struct fill *fill, const struct fleet *fleet, uint64_t count,
                         struct wg_error *err)
{
    struct device device;
    for (uint64_t number = 1; number <= count; number++) {
        device_make(fleet, number, &device);
        add_device(&fill->devices, &device);
        add_parts(fill, &device);
        if (number % BATCH == 0 && !send_batch(fill, err)) return false;
    }
    return send_batch(fill, err);
}

static bool connect_to(struct fill *fill, const char *conninfo, struct wg_error *err)
{
    fill->connection = PQconnectdb(conninfo);
    if (!fill->connection) return wg_fail_memory(err, "connecting to the database");
    if (PQstatus(fill->connection) == CONNECTION_OK) return true;
    const char *message = PQerrorMessage(fill->connection);
    return wg_fail(err, WG_E_DATABASE, "%.*s", (int)strcspn(message, "\n"), message);
}

/* What refers to a device here refers to one of the same batch: whoever may (a superuser) spares
 * the database a look-up for each. */
static bool spare_look_ups(struct fill *fill, struct wg_error *err)
{
    if (!copy_run(fill->connection, "savepoint spare", err)) return false;
    if (copy_run(fill->connection, "set local session_replication_role = replica", NULL))
        return copy_run(fill->connection, "release spare", err);
    return copy_run(fill->connection, "rollback to spare", err);
}

bool fill_database(const struct fleet *fleet, uint64_t count, const char *conninfo,
                   struct fill_counts *out, struct wg_error *err)
{
    /* New entries of the GIN index are merged in one go, at the end. */
    static const char begin[] = "begin; set local synchronous_commit = off; "
                                "set local gin_pending_list_limit = '1GB'; "
                                "set local maintenance_work_mem = '512MB'";
    static const char end[] = "select gin_clean_pending_list('device_attributes'); "
                              "analyze device, device_software, device_tag, device_group; commit";
    struct fill fill;
    fill_init(&fill);
    bool ok = connect_to(&fill, conninfo, err) && copy_run(fill.connection, begin, err) &&
              spare_look_ups(&fill, err) && fill_devices(&fill, fleet, count, err) &&
              copy_run(fill.connection, end, err);
    if (ok)
        *out = (struct fill_counts){.devices = fill.devices.count,
                                    .software = fill.software.count,
                                    .tags = fill.tags.count,
                                    .groups = fill.groups.count};
    fill_clear(&fill);
    return ok;
}
