/* ledger.h: what an authority has issued: one line a certificate, in a text file beside it:
 *   SERIAL NAME KIND ROLE NOT-AFTER REVOKED-AT
 * ROLE and REVOKED-AT are "-" when there is none; times are RFC 3339. */
#ifndef WG_PKI_LEDGER_H
#define WG_PKI_LEDGER_H

#include "common/text.h"
#include "common/time.h"

#define LEDGER_SERIAL_MAX 48 /* hex, with NUL */
#define LEDGER_KIND_MAX 16
#define LEDGER_BYTES_MAX ((size_t)512 * 1024 * 1024)

struct ledger_entry {
    char serial[LEDGER_SERIAL_MAX];
    char name[WG_NAME_MAX + 1];
    char kind[LEDGER_KIND_MAX]; /* device, server, service, operator */
    char role[WG_NAME_MAX + 1]; /* "" none */
    wg_time not_after;
    wg_time revoked; /* 0: not */
};

struct ledger {
    bool torn; /* the file ends within a line: a power cut while it was written */
    size_t count, cap;
    struct ledger_entry *entries; /* owned */
};

void ledger_init(struct ledger *ledger);
void ledger_clear(struct ledger *ledger);
WG_MUST_CHECK bool ledger_add(struct ledger *ledger, const struct ledger_entry *entry,
                              struct wg_error *err);
/* A missing file is an empty ledger. WG_E_BAD_FILE names the line. A last line that was not written
 * to its end is left out: what it stood for never left the authority. */
WG_MUST_CHECK bool ledger_load(struct ledger *ledger, const char *file, struct wg_error *err);
WG_MUST_CHECK bool ledger_save(const struct ledger *ledger, const char *file, struct wg_error *err);
/* Writes the last entry, that ledger_add() put there, behind the file's others. */
WG_MUST_CHECK bool ledger_append_last(const struct ledger *ledger, const char *file,
                                      struct wg_error *err);
/* Reads one line (NUL-terminated, without its break). */
WG_MUST_CHECK bool ledger_line_parse(const char *line, struct ledger_entry *out);
/* The entry with that serial; NULL: none. */
struct ledger_entry *ledger_find(struct ledger *ledger, const char *serial);
/* A certificate of this name that is neither revoked nor out of date; NULL: none. */
const struct ledger_entry *ledger_live(const struct ledger *ledger, const char *name, wg_time now);

#endif
