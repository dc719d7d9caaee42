/* reload.c: the configuration once more, all of it before anything changes. */
#include "orchestrator/daemon/reload.h"

#include <stdlib.h>

static bool read_again(const struct reload *reload, struct settings *fresh, struct url_keys *keys,
                       struct wg_error *err)
{
    const char *file = reload->settings->artifact_url_keys;
    return settings_check(fresh, reload->settings->file, SETTINGS_OF_DAEMON, true, err) &&
           (!file[0] || url_keys_load(file, keys, err));
}

void reload_run(struct reload *reload, wg_time now)
{
    struct wg_error err = {0};
    struct url_keys keys = {0};
    struct settings *fresh = calloc(1, sizeof *fresh);
    if (!fresh || !read_again(reload, fresh, &keys, &err)) {
        if (!fresh) (void)wg_fail_memory(&err, "reading again");
        wg_log_error("not read again: what was there before holds on", &err);
        url_keys_clear(&keys);
        free(fresh);
        return;
    }
    url_keys_clear(reload->url_keys);
    *reload->url_keys = keys;
    if (!reload->log_is_given) wg_log_set(fresh->log);
    free(fresh);
    bool renewed = brokers_renew(reload->brokers, now);
    wg_log(WG_LOG_INFO, "read again", "brokers", renewed ? "connected anew" : "as before", NULL);
}
