/* crl_fuzz.c: a file of revocation lists, spoilt in any way. What is taken bears our authority's
 * signature, so it says what the corpus says. */
#include "broker/mosquitto/crl.h"
#include "tests/fuzz/target.h"

static struct authorities load(void)
{
    struct authorities made = {0};
    struct wg_error err = {0};
    MUST(authorities_load(&made, WG_FUZZ_PKI "/device.pem", true, &err) &&
             authorities_load(&made, WG_FUZZ_PKI "/service.pem", false, &err),
         "%s", err.text);
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct authorities authorities = load();
    struct crl_set set;
    struct wg_error err = {0};
    crl_set_init(&set);
    if (crl_parse((const char *)data, size, &authorities, &set, &err)) {
        MUST(set.items[0].found || set.items[1].found, "nothing was found");
        /* data/ has three versions of the lists, with none, one and two revoked */
        MUST(!set.items[0].found || set.items[0].number == (int64_t)set.items[0].revoked.count + 1,
             "number %lld with %zu revoked", (long long)set.items[0].number,
             set.items[0].revoked.count);
        MUST(set.items[1].revoked.count == 0, "a service is revoked");
    } else {
        target_refused(&err);
    }
    crl_set_clear(&set);
    authorities_clear(&authorities);
    return 0;
}
