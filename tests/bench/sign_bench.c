/* sign_bench.c: what a signature of an order's length costs: by a key whose halves were seen to
 * belong together, and by one that says nothing of it. Prints both; takes a second. */
#include "common/identity_key.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BYTES 1428
#define SIGNATURES 10000

/* Of this process's own work: what else runs on the machine does not count. */
static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Microseconds for one. */
static bool measure(const struct wg_identity_key *key, double *out, struct wg_error *err)
{
    static const char order[BYTES];
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t len;
    double begun = seconds();
    for (int i = 0; i < SIGNATURES; i++)
        if (!wg_identity_sign(key, order, sizeof order, signature, &len, err)) return false;
    *out = 1e6 * (seconds() - begun) / SIGNATURES;
    return true;
}

int main(void)
{
    struct wg_error err = {0};
    struct wg_identity_key key, unseen;
    double with = 0, without = 0;
    bool ok = wg_identity_make(WG_IDENTITY_ED25519, &key, &err);
    unseen = key;
    memset(unseen.pair, 0, sizeof unseen.pair);
    ok = ok && measure(&key, &with, &err) && measure(&unseen, &without, &err);
    if (ok)
        (void)printf("Ed25519, %d bytes: %.1f us; %.1f us where the halves are compared anew\n",
                     BYTES, with, without);
    else
        (void)fprintf(stderr, "sign_bench: %s\n", err.text);
    wg_identity_clear(&key);
    wg_identity_clear(&unseen);
    return ok ? 0 : 1;
}
