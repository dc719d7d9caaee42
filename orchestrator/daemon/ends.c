/* ends.c: own files are read again each time; brokers' certificates are those of the last
 * handshake.
 */
#include "orchestrator/daemon/ends.h"

#include "common/posix/certificate_end.h"
#include "orchestrator/store/certificate_row.h"

#include <unistd.h>

/* One look: which of the two things are due. */
struct look {
    struct ends *ends;
    struct db *db;
    wg_time now;
    bool again, warn;
};

static bool tell_file(const struct look *look, const char *kind, const char *file,
                      struct wg_error *err)
{
    wg_time end = look->again || look->warn ? certificate_file_end(file) : 0;
    if (look->warn) certificate_end_warn(kind, file, end, look->now);
    return !look->again || !end ||
           certificate_row_seen(look->db, kind, look->ends->machine, end, look->now, err);
}

static bool tell_broker(const struct look *look, const struct settings *settings, size_t index,
                        wg_time end, struct wg_error *err)
{
    const char *name = settings->brokers[index].name;
    bool is_new = end != look->ends->brokers[index];
    if (!end) return true;
    if (look->warn || is_new) certificate_end_warn("broker", name, end, look->now);
    if ((look->again || is_new) &&
        !certificate_row_seen(look->db, "broker", name, end, look->now, err))
        return false;
    look->ends->brokers[index] = end;
    return true;
}

bool ends_keep(struct ends *ends, const struct settings *settings, const struct brokers *brokers,
               struct db *db, wg_time now, struct wg_error *err)
{
    struct look look = {.ends = ends,
                        .db = db,
                        .now = now,
                        .again = now >= ends->again_at,
                        .warn = now >= ends->warn_at};
    if (now < ends->look_at) return true;
    if (look.warn) ends->warn_at = now + CERTIFICATE_END_LOOK;
    if (!ends->machine[0]) (void)gethostname(ends->machine, sizeof ends->machine - 1);
    if (!tell_file(&look, "wavegated", settings->tls_certificate, err) ||
        !tell_file(&look, "server-authority", settings->tls_ca, err))
        return false;
    for (size_t i = 0; i < settings->broker_count; i++)
        if (!tell_broker(&look, settings, i, brokers_certificate_end(brokers, i), err))
            return false;
    if (look.again && !certificate_row_forget(db, now, err)) return false;
    ends->look_at = now + ENDS_LOOK;
    if (look.again) ends->again_at = now + ENDS_AGAIN;
    return true;
}
