/* csv.c: one line a device. */
#include "tests/sim/csv.h"

#include "common/buf.h"

#include <string.h>

#define LINE_MAX_BYTES 4096

static void add_field(struct wg_buf *line, const char *text)
{
    if (line->len) wg_buf_char(line, ',');
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted) wg_buf_char(line, '"');
    for (; *text; text++) {
        if (*text == '"') wg_buf_char(line, '"');
        wg_buf_char(line, *text);
    }
    if (quoted) wg_buf_char(line, '"');
}

static void add_degrees(struct wg_buf *line, bool known, double degrees)
{
    char text[32] = "";
    if (known) (void)snprintf(text, sizeof text, "%.5f", degrees);
    add_field(line, text);
}

static void add_tags(struct wg_buf *line, const struct device *device)
{
    wg_buf_char(line, ',');
    for (size_t i = 0; i < device->tag_count; i++)
        wg_buf_printf(line, "%s%s", i ? ";" : "", device->tags[i]);
    wg_buf_char(line, ',');
    for (size_t i = 0; i < device->group_count; i++)
        wg_buf_printf(line, "%s%s", i ? ";" : "", device->groups[i]);
}

static void add_software(struct wg_buf *line, const struct fleet *fleet,
                         const struct device *device)
{
    for (size_t i = 0, next = 0; i < CATALOGUE_COMPONENTS; i++) {
        bool has = next < device->software_count &&
                   device->software[next].component == fleet->catalogue.components[i].name;
        add_field(line, has ? device->software[next++].version->text : "");
    }
}

static void add_line(struct wg_buf *line, const struct fleet *fleet, const struct device *device)
{
    add_field(line, device->id);
    add_field(line, device->model->name);
    add_field(line, device->revision);
    add_field(line, device->region);
    add_field(line, device->zone);
    add_degrees(line, device->has_position, device->lat);
    add_degrees(line, device->has_position, device->lon);
    add_tags(line, device);
    add_software(line, fleet, device);
    add_field(line, device->site);
    add_field(line, device->customer);
    wg_buf_printf(line, ",%d", device->ram_mb);
    add_field(line, device->channel);
    wg_buf_char(line, '\n');
}

static void add_header(struct wg_buf *line, const struct fleet *fleet)
{
    wg_buf_text(line, "id,hardware_model,hardware_revision,region,zone,lat,lon,tags,groups");
    for (size_t i = 0; i < CATALOGUE_COMPONENTS; i++)
        wg_buf_printf(line, ",software.%s", fleet->catalogue.components[i].name);
    wg_buf_text(line, ",attribute.site,attribute.customer,attribute.ram_mb,attribute.channel\n");
}

static bool write_line(struct wg_buf *line, FILE *out, struct wg_error *err)
{
    bool ok = wg_buf_check(line, err, "a line of the fleet") &&
              (fwrite(line->data, 1, line->len, out) == line->len ||
               wg_fail_errno(err, "writing the fleet"));
    line->len = 0;
    return ok;
}

bool csv_write(const struct fleet *fleet, uint64_t count, FILE *out, struct wg_error *err)
{
    struct wg_buf line;
    struct device device;
    wg_buf_init(&line, LINE_MAX_BYTES);
    add_header(&line, fleet);
    bool ok = write_line(&line, out, err);
    for (uint64_t number = 1; number <= count && ok; number++) {
        device_make(fleet, number, &device);
        add_line(&line, fleet, &device);
        ok = write_line(&line, out, err);
    }
    wg_buf_clear(&line);
    return ok && (fflush(out) == 0 || wg_fail_errno(err, "writing the fleet"));
}
