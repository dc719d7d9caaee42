/* options.h: the command line of wavegate-files. */
#ifndef WG_ORCHESTRATOR_FILES_OPTIONS_H
#define WG_ORCHESTRATOR_FILES_OPTIONS_H

#include "common/args.h"
#include "common/log.h"
#include "common/time.h"

#include <limits.h>

#define OPTIONS_PLACES 5

struct options {
    char places[OPTIONS_PLACES][PATH_MAX]; /* of files, when they are credentials of systemd */
    bool check;                            /* say whether what is named is there, end */
    const char *folder, *keys, *ledger, *prefix; /* all borrowed from argv, or in places */
    bool verify_only;
    const char *listen, *certificate, *key; /* a server of its own */
    const char *client_ca, *client_crl;     /* NULL: none */
    const char *socket, *settle;            /* --verify-only; settle NULL: none */
    bool bearer;                            /* the URL alone is enough */
    int64_t connections, per_address, threads;
    int64_t slowest; /* bytes a second */
    wg_duration patience, skew, longest;
    enum wg_log_level log;
    const char *add_key; /* add a key of this name, end */
    bool help, version;
};

/* WG_E_USAGE names the flag. out stays where it is. */
WG_MUST_CHECK bool options_read(struct options *out, int argc, char **argv, struct wg_error *err);
/* Whether the files are there. starting: credentials must be there, too. */
WG_MUST_CHECK bool options_check(const struct options *options, bool starting,
                                 struct wg_error *err);
void options_usage(struct wg_buf *out);

#endif
