/* message_order_test.c: orders: the wire form, what the director's signature covers, everything
 * that is refused behind a signature that holds. */
#include "common/json.h"
#include "common/message.h"
#include "common/signed.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOT "0123456789abcdef0123456789abcdef"
#define ORDER "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"
#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define COMMON                                                                                     \
    "\"id\":\"" ORDER                                                                              \
    "\",\"device\":\"dev-000017\",\"campaign\":\"brake-2.4.1\",\"digest\":\"" DIGEST               \
    "\",\"attempt\":1,\"counter\":42,\"boot\":\"" BOOT                                             \
    "\",\"not_before\":\"2026-12-01T00:00:00.000Z\",\"expires\":\"2026-12-02T00:00:00.000Z\""
#define INSTALL                                                                                    \
    "{\"_type\":\"wavegate-order\",\"v\":1,\"kind\":\"install\"," COMMON                           \
    ",\"release\":{\"component\":\"brake-controller\",\"version\":\"2.4.1\","                      \
    "\"hardware_model\":\"brake-mk2\"},\"artifact\":{\"sha256\":\"" HASH                           \
    "\",\"length\":1048576,\"urls\":[\"https://cdn.example/a?s=1\",\"http://10.0.0.1:8080/a\"]},"  \
    "\"timeouts\":{\"download\":14400,\"install\":1800,\"probation\":900}}"
#define WINDOW                                                                                     \
    "\"window\":{\"in\":\"Europe/Berlin\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\","        \
    "\"days\":[\"sat\",\"sun\"]},{\"from\":\"22:00\",\"to\":\"01:00\",\"days\":[\"mon\"]}]}"
#define WITHDRAW "{\"_type\":\"wavegate-order\",\"v\":1,\"kind\":\"withdraw\"," COMMON "}"

static struct wg_error err;

static struct wg_identity_key key_of(uint8_t fill)
{
    uint8_t seed[WG_ED25519_SECRET];
    struct wg_identity_key key;
    memset(seed, fill, sizeof seed);
    ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_ED25519, seed, &key, &err), &err);
    return key;
}

static struct wg_order install_order(void)
{
    struct wg_order order = {
        .kind = WG_ORDER_INSTALL,
        .id = ORDER,
        .device = "dev-000017",
        .campaign = "brake-2.4.1",
        .digest = DIGEST,
        .attempt = 1,
        .counter = 42,
        .boot = BOOT,
        .component = "brake-controller",
        .version = "2.4.1",
        .hardware_model = "brake-mk2",
        .sha256 = HASH,
        .length = 1048576,
        .url_count = 2,
        .urls = {"https://cdn.example/a?s=1", "http://10.0.0.1:8080/a"},
        .timeout_download = 4 * WG_HOUR,
        .timeout_install = 30 * WG_MINUTE,
        .timeout_probation = 15 * WG_MINUTE,
    };
    CU_ASSERT_TRUE(wg_time_parse("2026-12-01T00:00:00Z", &order.not_before));
    CU_ASSERT_TRUE(wg_time_parse("2026-12-02T00:00:00Z", &order.expires));
    return order;
}

static struct wg_order withdraw_order(void)
{
    struct wg_order all = install_order(), order = {.kind = WG_ORDER_WITHDRAW};
    memcpy(order.id, all.id, sizeof order.id);
    memcpy(order.device, all.device, sizeof order.device);
    memcpy(order.campaign, all.campaign, sizeof order.campaign);
    memcpy(order.digest, all.digest, sizeof order.digest);
    memcpy(order.boot, all.boot, sizeof order.boot);
    order.attempt = all.attempt;
    order.counter = all.counter;
    order.not_before = all.not_before;
    order.expires = all.expires;
    return order;
}

static bool decode_by(const char *bytes, size_t len, const struct wg_identity_key *director,
                      struct wg_order *out)
{
    wg_error_clear(&err);
    return wg_order_decode(bytes, len, &director->public_key, 1, out, &err);
}

static void encode(const struct wg_order *order, const struct wg_identity_key *director,
                   struct wg_buf *out)
{
    wg_buf_init(out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_order_encode(order, director, out, &err), &err);
}

/* The envelope holds exactly this body, its members sorted; read and written again it is the same
 * to the byte. */
static void assert_wire(const struct wg_order *order, const char *body)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order back;
    struct wg_buf out, again;
    char head[8192], id[WG_SHA256_HEX];
    ASSERT_OK(wg_identity_keyid(&director.public_key, id, &err), &err);
    encode(order, &director, &out);
    json_t *members = json_loads(body, 0, NULL);
    char *sorted = json_dumps(members, JSON_COMPACT | JSON_SORT_KEYS);
    int len = snprintf(head, sizeof head,
                       "{\"signed\":%s,\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"", sorted, id);
    free(sorted);
    json_decref(members);
    CU_ASSERT_EQUAL(out.len, (size_t)len + (size_t)2 * WG_ED25519_SIGNATURE + strlen("\"}]}"));
    CU_ASSERT_EQUAL(strncmp(out.data, head, (size_t)len), 0);
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    encode(&back, &director, &again);
    ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(&out));
    CU_ASSERT_EQUAL(back.counter, order->counter);
    CU_ASSERT_EQUAL(back.timeout_probation, order->timeout_probation);
    wg_buf_clear(&again);
    wg_buf_clear(&out);
}

/* An envelope around any body, signed by the director. */
static void sign_body(const char *text, struct wg_buf *out)
{
    struct wg_identity_key director = key_of(1);
    json_t *body = wg_json_parse(text, strlen(text), WG_MESSAGE_MAX, &err);
    if (!body) printf("\n    %s: %s\n", text, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    json_t *envelope = wg_signed_make(body, &director, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(envelope);
    char *bytes = json_dumps(envelope, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    wg_buf_text(out, bytes);
    free(bytes);
    json_decref(envelope);
    json_decref(body);
}

static void test_wire(void)
{
    struct wg_order install = install_order(), withdraw = withdraw_order();
    assert_wire(&install, INSTALL);
    assert_wire(&withdraw, WITHDRAW);
}

static struct wg_order window_order(void)
{
    struct wg_order order = install_order();
    order.windows =
        (struct wg_windows){.count = 2, .kind = WG_WINDOW_SITE, .zone = "Europe/Berlin"};
    order.windows.items[0] = (struct wg_window){3U << 5, 2 * 60, 5 * 60};
    order.windows.items[1] = (struct wg_window){1, 22 * 60, 60};
    return order;
}

/* A site's zone goes by its name. */
static void test_window(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order order = window_order(), back;
    char text[2048];
    struct wg_buf out;
    (void)snprintf(text, sizeof text, "%.*s," WINDOW "}", (int)strlen(INSTALL) - 1, INSTALL);
    assert_wire(&order, text);
    encode(&order, &director, &out);
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    CU_ASSERT_EQUAL(back.windows.kind, WG_WINDOW_NAMED);
    ASSERT_TEXT(back.windows.zone, "Europe/Berlin");
    CU_ASSERT_EQUAL(back.windows.count, 2);
    CU_ASSERT_EQUAL(back.windows.items[0].days, 3U << 5);
    CU_ASSERT_EQUAL(back.windows.items[1].to, 60);
    wg_buf_clear(&out);
    order.windows.kind = WG_WINDOW_DEVICE;
    order.windows.zone[0] = '\0';
    encode(&order, &director, &out);
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    CU_ASSERT_EQUAL(back.windows.kind, WG_WINDOW_DEVICE);
    wg_buf_clear(&out);
    order.kind = WG_ORDER_WITHDRAW; /* has none */
    encode(&order, &director, &out);
    CU_ASSERT_PTR_NULL(strstr(wg_buf_str(&out), "window"));
    wg_buf_clear(&out);
}

#define FORMS                                                                                      \
    ",\"forms\":[{\"sha256\":\"" DIGEST "\",\"length\":77,\"urls\":[\"https://cdn.example/f\"]},"  \
    "{\"sha256\":\"" HASH "\",\"length\":78,\"urls\":[\"https://a\",\"https://b\"],"               \
    "\"age\":\"age-encryption.org/v1\\n\"}]"

static struct wg_order forms_order(void)
{
    struct wg_order order = install_order();
    order.form_count = 2;
    order.forms[0] = (struct wg_order_form){
        .sha256 = DIGEST, .length = 77, .url_count = 1, .urls = {"https://cdn.example/f"}};
    order.forms[1] = (struct wg_order_form){.sha256 = HASH,
                                            .length = 78,
                                            .age = "age-encryption.org/v1\n",
                                            .url_count = 2,
                                            .urls = {"https://a", "https://b"}};
    return order;
}

/* The text of an order, with a piece of its artifact's forms replaced. */
static void forms_text(char out[2048], const char *piece, const char *by)
{
    char forms[1024] = FORMS;
    const char *at = strstr(forms, piece), *end = strstr(INSTALL, "},\"timeouts\"");
    CU_ASSERT_FATAL(at != NULL && end != NULL);
    (void)snprintf(out, 2048, "%.*s%.*s%s%s%s", (int)(end - INSTALL), INSTALL, (int)(at - forms),
                   forms, by, at + strlen(piece), end);
}

static void test_forms(void)
{
    static const struct {
        const char *piece, *by, *says;
    } cases[] = {
        {"77", "0", "artifact: forms[0]: length: must be between 1"},
        {"\"length\":78,", "", "artifact: forms[1]: length: missing"},
        {"\"sha256\":\"e3", "\"sha256\":\"E3", "artifact.forms.sha256: expected 64 lower-case hex"},
        {"\"https://cdn.example/f\"", "",
         "artifact: forms[0]: urls: count: must be between 1 and 4"},
        {"https://cdn", "file://cdn", "artifact.urls: expected https://"},
        {"v1\\n", "v1\\u0007", "artifact.age: expected printable"},
        {"[{", "[7,{", "forms[0]"},
        {"[{", "[{},{},{},{},{},{", "artifact: forms: count: must be between 0 and 6, found 7"},
        {"\"forms\":[", "\"forms\":{},\"other\":[", "artifact: forms: expected"},
    };
    struct wg_identity_key director = key_of(1);
    struct wg_order order = forms_order();
    char text[2048];
    forms_text(text, "77", "77");
    assert_wire(&order, text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_buf out;
        struct wg_order back = {.counter = 77};
        wg_buf_init(&out, WG_MESSAGE_MAX);
        forms_text(text, cases[i].piece, cases[i].by);
        sign_body(text, &out);
        CU_ASSERT_FALSE(decode_by(out.data, out.len, &director, &back));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(back.counter, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
        wg_buf_clear(&out);
    }
}

#define PLACE(hash, length) "\"sha256\":\"" hash "\",\"length\":" length
#define WITH                                                                                       \
    ",\"with\":[{\"component\":\"app\",\"version\":\"5.0.1\"," PLACE(                              \
        DIGEST, "2048") ",\"age\":\"age-encryption.org/v1\\n\",\"urls\":[\"https://cdn.example/"   \
                        "app\"],\"forms\":[{" PLACE(                                               \
                            HASH, "79") ",\"urls\":[\"https://cdn.example/appz\"]}]},"             \
                                        "{\"component\":\"modem\",\"version\":\"1.2."              \
                                        "0\"," PLACE(HASH, "512") ",\"urls\":[\"https://"          \
                                                                  "cdn.example/modem\"]}]"

static struct wg_order with_order(void)
{
    struct wg_order order = forms_order();
    order.companion_count = 2;
    order.companions[0] = (struct wg_order_companion){.component = "app",
                                                      .version = "5.0.1",
                                                      .sha256 = DIGEST,
                                                      .length = 2048,
                                                      .age = "age-encryption.org/v1\n",
                                                      .url_count = 1,
                                                      .urls = {"https://cdn.example/app"}};
    order.companions[1] = (struct wg_order_companion){.component = "modem",
                                                      .version = "1.2.0",
                                                      .sha256 = HASH,
                                                      .length = 512,
                                                      .url_count = 1,
                                                      .urls = {"https://cdn.example/modem"}};
    /* the pool need not be in sequence */
    order.form_count = 3;
    order.forms[2] = order.forms[1];
    order.forms[1] = (struct wg_order_form){.member = 1,
                                            .sha256 = HASH,
                                            .length = 79,
                                            .url_count = 1,
                                            .urls = {"https://cdn.example/appz"}};
    return order;
}

/* The text of an order with companions, a piece of them replaced. */
static void with_text(char out[4096], const char *piece, const char *by)
{
    char with[2048] = WITH, forms[2048];
    const char *at = strstr(with, piece);
    forms_text(forms, "77", "77");
    const char *end = forms + strlen(forms) - 1;
    CU_ASSERT_FATAL(at != NULL);
    (void)snprintf(out, 4096, "%.*s%.*s%s%s%s", (int)(end - forms), forms, (int)(at - with), with,
                   by, at + strlen(piece), end);
}

static void test_with(void)
{
    static const struct {
        const char *piece, *by, *says;
    } cases[] = {
        {"\"app\"", "\"brake-controller\"", "with.component: expected each component once"},
        {"\"modem\"", "\"app\"", "with.component: expected each component once"},
        {"\"app\"", "\"a/p\"", "with.component: expected a name"},
        {"\"version\":\"5.0.1\",", "", "order: with[0]: version: missing"},
        {"\"1.2.0\"", "\"\"", "with.version: expected a version"},
        {"512", "0", "with[1]: length: must be between 1"},
        {"\"sha256\":\"e3", "\"sha256\":\"E3", "with.sha256: expected 64 lower-case hex"},
        {"https://cdn.example/modem", "modem", "artifact.urls: expected https://"},
        {"\"https://cdn.example/app\"", "", "with[0]: urls: count: must be between 1 and 4"},
        {"79", "0", "with[0]: forms[0]: length: must be between 1"},
        {"\"forms\":[", "\"forms\":[{},{},{},{},",
         "with[0]: forms: count: must be between 0 and 4"},
        {"\"with\":[", "\"with\":[{},{},{},", "with: count: must be between 0 and 4, found 5"},
        {"\"with\":[", "\"with\":7,\"other\":[", "with: expected an array"},
        {"[{", "[7,{", "with[0]"},
        {"v1\\n", "v1\\u0007", "artifact.age: expected printable"},
    };
    struct wg_identity_key director = key_of(1);
    struct wg_order order = with_order(), back;
    struct wg_buf out;
    char text[4096];
    with_text(text, "79", "79");
    assert_wire(&order, text);
    encode(&order, &director, &out);
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    CU_ASSERT_EQUAL(back.form_count, 3);
    CU_ASSERT_TRUE(back.forms[1].member == 0 && back.forms[2].member == 1);
    wg_buf_clear(&out);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        back = (struct wg_order){.counter = 77};
        wg_buf_init(&out, WG_MESSAGE_MAX);
        with_text(text, cases[i].piece, cases[i].by);
        sign_body(text, &out);
        CU_ASSERT_FALSE(decode_by(out.data, out.len, &director, &back));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(back.counter, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
        wg_buf_clear(&out);
    }
    order.forms[1].member = 3;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    wg_buf_clear(&out);
}

/* Each member as if it came alone. */
static void test_member(void)
{
    struct wg_order order = with_order(), out;
    wg_order_member(&order, 0, &out);
    ASSERT_TEXT(out.component, "brake-controller");
    CU_ASSERT_TRUE(out.companion_count == 0 && out.form_count == 2 && out.url_count == 2);
    ASSERT_TEXT(out.forms[1].urls[1], "https://b");
    wg_order_member(&order, 1, &out);
    ASSERT_TEXT(out.id, ORDER);
    ASSERT_TEXT(out.component, "app");
    ASSERT_TEXT(out.version, "5.0.1");
    ASSERT_TEXT(out.sha256, DIGEST);
    ASSERT_TEXT(out.age, "age-encryption.org/v1\n");
    ASSERT_TEXT(out.urls[0], "https://cdn.example/app");
    CU_ASSERT_TRUE(out.companion_count == 0 && out.url_count == 1 && out.length == 2048);
    CU_ASSERT_TRUE(out.form_count == 1 && out.forms[0].member == 0 && out.forms[0].length == 79);
    CU_ASSERT_EQUAL(out.timeout_install, order.timeout_install);
    wg_order_member(&order, 2, &out);
    ASSERT_TEXT(out.component, "modem");
    ASSERT_TEXT(out.age, "");
    CU_ASSERT_TRUE(out.form_count == 0 && out.length == 512);
}

/* Of no campaign: what names one is not read, and none is written. */
static void test_erase(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order order = withdraw_order(), back;
    struct wg_buf out;
    order.kind = WG_ORDER_ERASE;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    ASSERT_TEXT(err.text, "order: campaign: not expected of an erasure");
    wg_buf_clear(&out);
    order.campaign[0] = order.digest[0] = '\0';
    encode(&order, &director, &out);
    CU_ASSERT_PTR_NULL(strstr(wg_buf_str(&out), "campaign"));
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    CU_ASSERT_EQUAL(back.kind, WG_ORDER_ERASE);
    CU_ASSERT_EQUAL(back.counter, order.counter);
    ASSERT_TEXT(back.campaign, "");
    wg_buf_clear(&out);
}

static void test_any_model(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order order = install_order(), back = install_order();
    struct wg_buf out;
    order.hardware_model[0] = '\0';
    encode(&order, &director, &out);
    CU_ASSERT_PTR_NULL(strstr(wg_buf_str(&out), "hardware_model"));
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    ASSERT_TEXT(back.hardware_model, "");
    wg_buf_clear(&out);
}

static void test_largest_fits(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order order = install_order();
    struct wg_buf out;
    order.windows = (struct wg_windows){.count = WG_WINDOWS_MAX, .kind = WG_WINDOW_NAMED};
    memset(order.windows.zone, 'z', WG_ZONE_MAX);
    for (size_t i = 0; i < WG_WINDOWS_MAX; i++)
        order.windows.items[i] = (struct wg_window){WG_DAYS_ALL, (int)i, (int)i + 1};
    order.url_count = WG_URLS_MAX;
    for (size_t i = 0; i < WG_URLS_MAX; i++) {
        memset(order.urls[i], 'a', WG_URL_MAX - 1);
        memcpy(order.urls[i], "https://", 8);
        order.urls[i][WG_URL_MAX - 1] = '\0';
    }
    order.form_count = WG_FORMS_MAX;
    for (size_t i = 0; i < WG_FORMS_MAX; i++) {
        struct wg_order_form *form = &order.forms[i];
        memcpy(form->sha256, HASH, sizeof form->sha256);
        form->length = 9007199254740991;
        form->url_count = WG_URLS_MAX;
        memcpy(form->urls, order.urls, sizeof form->urls);
        memset(form->age, '\n', WG_AGE_HEADER_MAX - 1);
    }
    encode(&order, &director, &out);
    ASSERT_OK(decode_by(out.data, out.len, &director, &order), &err);
    CU_ASSERT_EQUAL(order.form_count, WG_FORMS_MAX);
    wg_buf_clear(&out);
    /* with companions as large it is more than a message holds, and nothing is written */
    order.companion_count = WG_COMPANIONS_MAX;
    for (size_t i = 0; i < WG_COMPANIONS_MAX; i++) {
        struct wg_order_companion *companion = &order.companions[i];
        *companion = (struct wg_order_companion){
            .version = "1", .sha256 = HASH, .length = 1, .url_count = WG_URLS_MAX};
        (void)snprintf(companion->component, sizeof companion->component, "c%zu", i);
        memcpy(companion->urls, order.urls, sizeof companion->urls);
    }
    wg_buf_init(&out, WG_MESSAGE_MAX);
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    wg_buf_clear(&out);
    order.form_count = 0;
    encode(&order, &director, &out);
    ASSERT_OK(decode_by(out.data, out.len, &director, &order), &err);
    wg_buf_clear(&out);
}

/* Every digit of the signature, every letter and digit of the order. */
static void test_every_change_is_seen(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_order order = install_order(), back = {.counter = 77};
    struct wg_buf out;
    encode(&order, &director, &out);
    char *sig = strstr(out.data, "\"sig\":\"") + strlen("\"sig\":\"");
    for (size_t i = 0; i < 128; i++) {
        char was = sig[i];
        for (const char *digit = "0123456789abcdefABCDEF"; *digit; digit++) {
            if (*digit == was) continue;
            sig[i] = *digit;
            CU_ASSERT_FALSE(decode_by(out.data, out.len, &director, &back));
            CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
        }
        sig[i] = was;
    }
    char *body = strstr(out.data, "\"signed\":") + strlen("\"signed\":");
    const char *end = strstr(out.data, ",\"signatures\"");
    CU_ASSERT_TRUE(body < end);
    size_t changed = 0;
    for (; body < end; body++) {
        if (strchr("{}[]\",:-.", *body)) continue;
        char was = *body;
        *body = was == '1' ? '2' : '1';
        CU_ASSERT_FALSE(decode_by(out.data, out.len, &director, &back));
        changed += err.code == WG_E_VERIFY;
        CU_ASSERT_TRUE(err.code == WG_E_VERIFY || strstr(err.text, "line 1"));
        *body = was;
    }
    CU_ASSERT_TRUE(changed > 500);
    CU_ASSERT_EQUAL(back.counter, 77);
    ASSERT_OK(decode_by(out.data, out.len, &director, &back), &err);
    wg_buf_clear(&out);
}

static void test_directors(void)
{
    struct wg_identity_key director = key_of(1), other = key_of(2);
    struct wg_identity_public keys[] = {other.public_key, director.public_key};
    struct wg_order order = withdraw_order(), back;
    struct wg_buf out;
    encode(&order, &director, &out);
    CU_ASSERT_FALSE(decode_by(out.data, out.len, &other, &back));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    ASSERT_OK(wg_order_decode(out.data, out.len, keys, 2, &back, &err), &err);
    CU_ASSERT_FALSE(wg_order_decode(out.data, out.len, keys, 0, &back, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    wg_buf_clear(&out);
}

/* Each row replaces one piece of a good order; the signature holds. */
static void test_refused(void)
{
    static const struct {
        const char *piece, *by, *says;
    } cases[] = {
        {"wavegate-order", "wavegate-approval", "order: _type: expected wavegate-order, found"},
        {"\"_type\":\"wavegate-order\",", "", "_type: missing"},
        {"\"v\":1", "\"v\":2", "v: must be between 1 and 1"},
        {"\"kind\":\"install\"", "\"kind\":\"reset\"", "kind: expected install, withdraw or erase"},
        {"\"id\":\"6", "\"id\":\"-", "id: expected a UUID"},
        {"\"device\":\"dev", "\"device\":\"../dev", "device: expected a name"},
        {"\"campaign\":\"brake", "\"campaign\":\" brake", "campaign: expected a name"},
        {"\"digest\":\"e", "\"digest\":\"", "digest: expected 64 lower-case hex digits"},
        {"\"digest\":\"e", "\"digest\":\"E", "digest: expected 64 lower-case hex digits"},
        {"\"attempt\":1", "\"attempt\":0", "attempt: must be between 1"},
        {"\"counter\":42", "\"counter\":0", "counter: must be between 1"},
        {"\"counter\":42", "\"counter\":\"42\"", "counter: expected an integer"},
        {"\"boot\":\"0", "\"boot\":\"", "boot: expected 32 lower-case hex digits"},
        {"\"not_before\":\"2026", "\"not_before\":\"26", "not_before: expected a time"},
        {"\"expires\":\"2026-12-02", "\"expires\":\"2026-12-01", "expires: expected a time after"},
        {"\"expires\":\"2026-12-02", "\"expires\":\"2025-12-01", "expires: expected a time after"},
        {"\"release\":{", "\"releases\":{", "release: missing"},
        {"\"component\":\"brake", "\"component\":\"$brake", "release.component: expected a name"},
        {"\"version\":\"2.4.1\"", "\"version\":\"\"", "release.version: expected a version"},
        {"\"version\":\"2.4.1\",", "", "release: version: missing"},
        {"\"hardware_model\":\"brake-mk2\"", "\"hardware_model\":\"b m\"",
         "release.hardware_model: expected a name"},
        {"\"hardware_model\":\"brake-mk2\"", "\"hardware_model\":\"\"",
         "release: hardware_model: empty; leave it out"},
        {"\"sha256\":\"ba", "\"sha256\":\"xa", "artifact.sha256: expected 64 lower-case hex"},
        {"\"length\":1048576", "\"length\":0", "artifact: length: must be between 1"},
        {"\"length\":1048576", "\"length\":null", "artifact: length: expected an integer"},
        {"\"https://cdn.example/a?s=1\",\"http://10.0.0.1:8080/a\"", "",
         "artifact: urls: count: must be between 1 and 4, found 0"},
        {"\"https://cdn.example/a?s=1\"", "\"https://a\",\"https://b\",\"https://c\",\"https://d\"",
         "artifact: urls: count: must be between 1 and 4, found 5"},
        {"\"https://cdn.example/a?s=1\"", "1", "artifact: urls[0]: expected text"},
        {"https://cdn", "file:///cdn", "artifact.urls: expected https://"},
        {"https://cdn", "https:// cdn", "artifact.urls: expected https://"},
        {"https://cdn.example/a?s=1", "https://", "artifact.urls: expected https://"},
        {"https://cdn", "https://cdn\\r\\nHost: x", "artifact.urls: expected https://"},
        {"\"download\":14400", "\"download\":0", "timeouts: download: must be between 1"},
        {"\"install\":1800", "\"install\":315360001", "timeouts: install: must be between 1"},
        {",\"probation\":900", "", "timeouts: probation: missing"},
        {"900}", "900},\"window\":[]", "windows: expected an object"},
        {"900}", "900},\"window\":{\"in\":\"device\",\"daily\":[]}", "expected 1 to 16 windows"},
        {"900}", "900},\"window\":{\"in\":\"site\",\"daily\":[]}",
         "in: expected device or the name"},
    };
    struct wg_identity_key director = key_of(1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2048];
        const char *at = strstr(INSTALL, cases[i].piece);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - INSTALL), INSTALL, cases[i].by,
                       at + strlen(cases[i].piece));
        struct wg_order order = {.counter = 77};
        struct wg_buf out;
        wg_buf_init(&out, WG_MESSAGE_MAX);
        sign_body(text, &out);
        CU_ASSERT_FALSE(decode_by(out.data, out.len, &director, &order));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(order.counter, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
        wg_buf_clear(&out);
    }
}

static void test_encoder_refuses(void)
{
    struct wg_identity_key director = key_of(1);
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    struct wg_order order = install_order();
    order.timeout_install = 1500;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    ASSERT_TEXT(err.text, "order: timeouts.install: expected whole seconds, found 1500 ms");
    order = install_order();
    order.url_count = WG_URLS_MAX + 1;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    order = install_order();
    order.expires = 0;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    order = window_order();
    order.windows.zone[0] = '\0';
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    ASSERT_TEXT(err.text, "order: window: the zone of the site is not known");
    order = window_order();
    order.windows.count = WG_WINDOWS_MAX + 1;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    order = window_order();
    order.windows.items[1].days = 0;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    order = window_order();
    order.windows.items[1].to = order.windows.items[1].from;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    order = install_order();
    order.kind = (enum wg_order_kind)9;
    CU_ASSERT_FALSE(wg_order_encode(&order, &director, &out, &err));
    CU_ASSERT_EQUAL(out.len, 0);
    wg_buf_clear(&out);
}

static bool decode(const char *bytes, size_t len, struct wg_error *error)
{
    static struct wg_identity_key director;
    struct wg_order order;
    if (director.public_key.len == 0) director = key_of(1);
    return wg_order_decode(bytes, len, &director.public_key, 1, &order, error);
}

/* The same, behind a signature that holds: the form is all that protects. */
static bool decode_signed(const char *bytes, size_t len, struct wg_error *error)
{
    json_t *body = wg_json_parse(bytes, len, WG_MESSAGE_MAX, error);
    struct wg_identity_key director = key_of(1);
    json_t *envelope = body ? wg_signed_make(body, &director, error) : NULL;
    char *text = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    bool ok = text && decode(text, strlen(text), error);
    free(text);
    json_decref(envelope);
    json_decref(body);
    return ok;
}

static void test_mangled(void)
{
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    sign_body(INSTALL, &out);
    mangle_prefixes(out.data, out.len, decode);
    char windowed[2048];
    (void)snprintf(windowed, sizeof windowed, "%.*s," WINDOW "}", (int)strlen(INSTALL) - 1,
                   INSTALL);
    mangle_prefixes(windowed, strlen(windowed), decode_signed);
    CU_ASSERT_TRUE(mangle_mutations(out.data, out.len, decode, 5000, 5) < 100);
    size_t taken = mangle_mutations(windowed, strlen(windowed), decode_signed, 5000, 6);
    CU_ASSERT_TRUE(taken > 0 && taken < 5000);
    wg_buf_clear(&out);
}

WG_SUITE("message_order", {"wire", test_wire}, {"window", test_window}, {"forms", test_forms},
         {"erase", test_erase}, {"with", test_with}, {"member", test_member},
         {"any model", test_any_model}, {"largest fits", test_largest_fits},
         {"every change is seen", test_every_change_is_seen}, {"directors", test_directors},
         {"refused", test_refused}, {"encoder refuses", test_encoder_refuses},
         {"mangled", test_mangled})
