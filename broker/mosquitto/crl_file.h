/* crl_file.h: the file with the revocation lists, looked at again and again. What cannot be read or
 * is older than what is known changes nothing: the broker goes on with the last lists it had. So
 * does it when a list has run out: a late list must not lock the fleet out. */
#ifndef WG_BROKER_MOSQUITTO_CRL_FILE_H
#define WG_BROKER_MOSQUITTO_CRL_FILE_H

#include "broker/mosquitto/crl.h"

#include <sys/stat.h>

struct crl_file {
    const char *path; /* borrowed */
    bool seen;
    struct stat last; /* as it was when last read, in vain or not */
    struct crl_known {
        bool known;
        int64_t number;
        wg_time ends;
    } lists[GUARD_AUTHORITIES_MAX];
};

enum crl_news {
    CRL_UNCHANGED,
    CRL_TAKEN,
    CRL_REFUSED /* err says why; told once for one state of the file */
};

/* Reads it if it is another file than last time, and gives the guard its lists. */
enum crl_news crl_file_look(struct crl_file *file, const struct authorities *authorities,
                            struct guard *guard, struct wg_error *err);
/* When the first of the lists in use runs out; 0: none does. */
wg_time crl_file_ends(const struct crl_file *file);

#endif
