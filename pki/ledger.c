/* ledger.c: the list of issued certificates as text. */
#include "pki/ledger.h"

#include "common/buf.h"
#include "common/posix/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELDS 6

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){0};
}

void ledger_clear(struct ledger *ledger)
{
    free(ledger->entries);
    ledger_init(ledger);
}

bool ledger_add(struct ledger *ledger, const struct ledger_entry *entry, struct wg_error *err)
{
    if (ledger->count == ledger->cap) {
        size_t cap = ledger->cap ? ledger->cap * 2 : 64;
        struct ledger_entry *entries = realloc(ledger->entries, cap * sizeof *entries);
        if (!entries) return wg_fail_memory(err, "reading the ledger");
        ledger->entries = entries;
        ledger->cap = cap;
    }
    ledger->entries[ledger->count++] = *entry;
    return true;
}

/* "-" stands for nothing. */
static bool read_time(const char *text, wg_time *out)
{
    *out = 0;
    return strcmp(text, "-") == 0 || wg_time_parse(text, out);
}

bool ledger_line_parse(const char *line, struct ledger_entry *out)
{
    char copy[512], *fields[FIELDS], *rest = NULL;
    if (!wg_copy(copy, sizeof copy, line)) return false;
    for (size_t i = 0; i < FIELDS; i++)
        if (!(fields[i] = strtok_r(i ? NULL : copy, " ", &rest))) return false;
    memset(out, 0, sizeof *out);
    return !strtok_r(NULL, " ", &rest) && wg_copy(out->serial, sizeof out->serial, fields[0]) &&
           wg_name_is_valid(fields[1]) && wg_copy(out->name, sizeof out->name, fields[1]) &&
           wg_copy(out->kind, sizeof out->kind, fields[2]) &&
           wg_copy(out->role, sizeof out->role, strcmp(fields[3], "-") ? fields[3] : "") &&
           wg_time_parse(fields[4], &out->not_after) && read_time(fields[5], &out->revoked);
}

static bool parse(struct ledger *ledger, char *text, const char *file, struct wg_error *err)
{
    size_t number = 1;
    for (char *line = text, *end; line && *line; line = end, number++) {
        struct ledger_entry entry;
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        else
            ledger->torn = true;
        if (!ledger_line_parse(line, &entry)) {
            if (!end) return true;
            return wg_fail(err, WG_E_BAD_FILE,
                           "%s:%zu:1: error: expected SERIAL NAME KIND ROLE "
                           "NOT-AFTER REVOKED-AT",
                           file, number);
        }
        if (!ledger_add(ledger, &entry, err)) return false;
    }
    return true;
}

bool ledger_load(struct ledger *ledger, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    struct wg_error problem = {0};
    wg_buf_init(&text, LEDGER_BYTES_MAX);
    bool ok = wg_file_read(file, &text, &problem);
    if (!ok && problem.code == WG_E_NOT_FOUND)
        ok = true;
    else if (!ok && err)
        *err = problem;
    else if (text.data)
        ok = parse(ledger, text.data, file, err);
    wg_buf_clear(&text);
    return ok;
}

static void put_line(const struct ledger_entry *entry, struct wg_buf *out)
{
    char after[WG_TIME_TEXT], revoked[WG_TIME_TEXT] = "-";
    wg_time_text(entry->not_after, after);
    if (entry->revoked) wg_time_text(entry->revoked, revoked);
    wg_buf_printf(out, "%s %s %s %s %s %s\n", entry->serial, entry->name, entry->kind,
                  entry->role[0] ? entry->role : "-", after, revoked);
}

bool ledger_save(const struct ledger *ledger, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, LEDGER_BYTES_MAX);
    for (size_t i = 0; i < ledger->count; i++) put_line(&ledger->entries[i], &text);
    bool ok = wg_buf_check(&text, err, file) &&
              wg_file_replace(file, wg_buf_str(&text), text.len, 0644, err);
    wg_buf_clear(&text);
    return ok;
}

static bool append(int fd, const struct wg_buf *line, const char *file, struct wg_error *err)
{
    ssize_t wrote = write(fd, line->data, line->len);
    return (wrote == (ssize_t)line->len && fdatasync(fd) == 0) ||
           wg_fail_errno(err, "writing %s", file);
}

bool ledger_append_last(const struct ledger *ledger, const char *file, struct wg_error *err)
{
    struct wg_buf line;
    int fd = ledger->torn ? -1 : open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) return ledger_save(ledger, file, err);
    wg_buf_init(&line, LEDGER_BYTES_MAX);
    put_line(&ledger->entries[ledger->count - 1], &line);
    bool ok = wg_buf_check(&line, err, file) && append(fd, &line, file, err);
    wg_buf_clear(&line);
    (void)close(fd);
    return ok;
}

struct ledger_entry *ledger_find(struct ledger *ledger, const char *serial)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (strcmp(ledger->entries[i].serial, serial) == 0) return &ledger->entries[i];
    return NULL;
}

const struct ledger_entry *ledger_live(const struct ledger *ledger, const char *name, wg_time now)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        if (!entry->revoked && entry->not_after > now && strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}
