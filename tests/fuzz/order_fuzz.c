/* order_fuzz.c: orders. The bytes are tried as a whole envelope, which hardly ever holds, and as
 * the body that the director signs, so that everything behind the signature is reached too. */
#include "common/json.h"
#include "common/message.h"
#include "common/signed.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

static void same_windows(const struct wg_windows *a, const struct wg_windows *b)
{
    SAME_NUMBER(a->count, b->count);
    SAME_NUMBER(a->kind, b->kind);
    SAME_TEXT(a->zone, b->zone);
    for (size_t i = 0; i < a->count; i++) {
        SAME_NUMBER(a->items[i].days, b->items[i].days);
        SAME_NUMBER(a->items[i].from, b->items[i].from);
        SAME_NUMBER(a->items[i].to, b->items[i].to);
    }
}

static void same_companions(const struct wg_order *a, const struct wg_order *b)
{
    SAME_NUMBER(a->companion_count, b->companion_count);
    for (size_t i = 0; i < a->companion_count; i++) {
        const struct wg_order_companion *one = &a->companions[i], *other = &b->companions[i];
        SAME_TEXT(one->component, other->component);
        SAME_TEXT(one->version, other->version);
        SAME_TEXT(one->sha256, other->sha256);
        SAME_TEXT(one->age, other->age);
        SAME_NUMBER(one->length, other->length);
        SAME_NUMBER(one->url_count, other->url_count);
    }
}

/* Every form is one member's. */
static void members_hold(const struct wg_order *order)
{
    size_t forms = 0;
    for (size_t i = 0; i <= order->companion_count; i++) {
        struct wg_order member;
        wg_order_member(order, i, &member);
        forms += member.form_count;
        MUST(member.url_count > 0 && member.companion_count == 0, "member %zu has no place", i);
    }
    SAME_NUMBER(forms, order->form_count);
}

static void same_install(const struct wg_order *a, const struct wg_order *b)
{
    SAME_TEXT(a->component, b->component);
    SAME_TEXT(a->version, b->version);
    SAME_TEXT(a->hardware_model, b->hardware_model);
    SAME_TEXT(a->sha256, b->sha256);
    SAME_NUMBER(a->length, b->length);
    SAME_NUMBER(a->url_count, b->url_count);
    for (size_t i = 0; i < a->url_count; i++) SAME_TEXT(a->urls[i], b->urls[i]);
    SAME_NUMBER(a->form_count, b->form_count);
    for (size_t i = 0; i < a->form_count; i++) {
        SAME_TEXT(a->forms[i].sha256, b->forms[i].sha256);
        SAME_TEXT(a->forms[i].age, b->forms[i].age);
        SAME_NUMBER(a->forms[i].length, b->forms[i].length);
        SAME_NUMBER(a->forms[i].url_count, b->forms[i].url_count);
        SAME_NUMBER(a->forms[i].member, b->forms[i].member);
    }
    same_companions(a, b);
    SAME_NUMBER(a->timeout_download, b->timeout_download);
    SAME_NUMBER(a->timeout_install, b->timeout_install);
    SAME_NUMBER(a->timeout_probation, b->timeout_probation);
    same_windows(&a->windows, &b->windows);
}

static void same(const struct wg_order *a, const struct wg_order *b)
{
    SAME_NUMBER(a->kind, b->kind);
    SAME_TEXT(a->id, b->id);
    SAME_TEXT(a->device, b->device);
    SAME_TEXT(a->campaign, b->campaign);
    SAME_TEXT(a->digest, b->digest);
    SAME_NUMBER(a->attempt, b->attempt);
    SAME_NUMBER(a->counter, b->counter);
    SAME_TEXT(a->boot, b->boot);
    SAME_NUMBER(a->not_before, b->not_before);
    SAME_NUMBER(a->expires, b->expires);
    if (a->kind == WG_ORDER_INSTALL) same_install(a, b);
}

static void write_back(const struct wg_order *order, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, WG_MESSAGE_MAX);
    MUST(wg_order_encode(order, fuzz_key(FUZZ_DIRECTOR), out, &err), "%s", err.text);
}

static void read_envelope(const char *bytes, size_t len)
{
    const struct wg_identity_public *director = &fuzz_key(FUZZ_DIRECTOR)->public_key;
    const struct wg_identity_public *stranger = &fuzz_key(FUZZ_STRANGER)->public_key;
    struct wg_order order, again;
    struct wg_error err = {0};
    struct wg_buf first, second;
    if (!wg_order_decode(bytes, len, director, 1, &order, &err)) {
        target_refused(&err);
        return;
    }
    MUST(!wg_order_decode(bytes, len, stranger, 1, &again, &err), "taken from a stranger");
    write_back(&order, &first);
    MUST(wg_order_decode(first.data, first.len, director, 1, &again, &err), "%s", err.text);
    same(&order, &again);
    if (order.kind == WG_ORDER_INSTALL) members_hold(&order);
    write_back(&again, &second);
    target_same(&second, &first, "order");
    wg_buf_clear(&first);
    wg_buf_clear(&second);
}

static void read_body(const char *bytes, size_t len)
{
    struct wg_error err = {0};
    json_t *body = wg_json_parse(bytes, len, WG_MESSAGE_MAX, &err);
    json_t *envelope =
        json_is_object(body) ? wg_signed_make(body, fuzz_key(FUZZ_DIRECTOR), &err) : NULL;
    char *text = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    if (text) read_envelope(text, strlen(text));
    free(text);
    json_decref(envelope);
    json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_envelope((const char *)data, size);
    read_body((const char *)data, size);
    return 0;
}
