/* age_key_fuzz.c: the text of age keys: what is taken is the one text of its key. */
#include "common/age/key.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void read_recipient(const char *text)
{
    struct age_recipient recipient;
    struct wg_error err = {0};
    char again[AGE_BECH32_TEXT];
    if (!age_recipient_read(text, &recipient, &err)) {
        target_refused(&err);
        return;
    }
    MUST(age_recipient_check(&recipient, &err), "%s", err.text);
    MUST(age_recipient_write(&recipient, again, &err), "%s", err.text);
    SAME_TEXT(again, text);
}

static void read_identity(const char *text)
{
    struct age_identity identity;
    struct wg_error err = {0};
    char again[AGE_BECH32_TEXT];
    if (!age_identity_read(text, &identity, &err)) {
        target_refused(&err);
        return;
    }
    MUST(age_identity_write(&identity, again, &err), "%s", err.text);
    SAME_TEXT(again, text);
}

/* Any bytes as a key: its text reads as the same bytes. */
static void write_key(const uint8_t *data, size_t size)
{
    uint8_t bytes[AGE_BECH32_BYTES] = {0}, again[AGE_BECH32_BYTES];
    struct wg_error err = {0};
    char text[AGE_BECH32_TEXT];
    memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
    MUST(age_bech32_write("age", bytes, text, &err), "%s", err.text);
    MUST(age_bech32_read("age", text, again, &err), "%s", err.text);
    MUST(memcmp(bytes, again, sizeof bytes) == 0, "other bytes");
    read_recipient(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = target_text(data, size);
    read_recipient(text);
    read_identity(text);
    if (size > 0) write_key(data, size);
    free(text);
    return 0;
}
