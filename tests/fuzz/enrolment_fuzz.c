/* enrolment_fuzz.c: enrolment records whose signature holds, for what is in them is read only then.
 */
#include "common/enrolment.h"
#include "common/signed.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define INPUT_MAX ((size_t)4096)

static void read_record(const char *text)
{
    struct wg_enrolment record, again;
    struct wg_error err = {0};
    const struct wg_identity_public *key = &fuzz_key(FUZZ_DIRECTOR)->public_key;
    if (!wg_enrolment_read(text, strlen(text), key, 1, &record, &err)) {
        target_refused(&err);
        return;
    }
    json_t *json = wg_enrolment_sign(&record, fuzz_key(FUZZ_DIRECTOR), &err);
    char *written = json ? json_dumps(json, JSON_COMPACT) : NULL;
    MUST(written, "%s", err.text);
    MUST(wg_enrolment_read(written, strlen(written), key, 1, &again, &err), "%s", err.text);
    /* Ed25519 gives the same signature again */
    json_t *twice = wg_enrolment_sign(&again, fuzz_key(FUZZ_DIRECTOR), &err);
    MUST(twice && json_equal(json, twice), "another record: %s", written);
    free(written);
    json_decref(twice);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    json_t *body = wg_json_parse((const char *)data, size, INPUT_MAX, &err);
    json_t *envelope = body ? wg_signed_make(body, fuzz_key(FUZZ_DIRECTOR), &err) : NULL;
    char *text = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    if (text)
        read_record(text);
    else
        target_refused(&err);
    free(text);
    json_decref(envelope);
    json_decref(body);
    return 0;
}
