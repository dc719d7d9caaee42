/* pins_test.c: lists of pins, their signatures and their order. */
#include "common/pins.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

static struct wg_error err;

struct scene {
    struct wg_identity_key signer, other;
    struct wg_identity_key present, backup, stranger;
    struct wg_pins pins;
};

static void pin(struct wg_pins *pins, enum wg_pin_use use, bool backup,
                const struct wg_identity_key *key)
{
    struct wg_pin *one = &pins->pins[pins->count++];
    one->use = use;
    one->backup = backup;
    ASSERT_OK(wg_identity_id(&key->public_key, one->sha256, &err), &err);
}

static void scene_make(struct scene *scene)
{
    *scene = (struct scene){.pins = {.number = 5, .issued = 1000}};
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &scene->signer, &err) &&
                  wg_identity_make(WG_IDENTITY_ED25519, &scene->other, &err),
              &err);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &scene->present, &err), &err);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &scene->backup, &err), &err);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &scene->stranger, &err), &err);
    pin(&scene->pins, WG_PIN_SERVER, false, &scene->present);
    pin(&scene->pins, WG_PIN_SERVER, true, &scene->backup);
}

static char *text_of(const struct scene *scene)
{
    json_t *list = wg_pins_sign(&scene->pins, &scene->signer, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    char *text = json_dumps(list, 0);
    json_decref(list);
    return text;
}

static void test_read(void)
{
    struct scene scene;
    struct wg_pins read;
    scene_make(&scene);
    char *text = text_of(&scene);
    const struct wg_identity_public *key = &scene.signer.public_key;
    ASSERT_OK(wg_pins_read(text, strlen(text), key, 1, 4, &read, &err), &err);
    CU_ASSERT_EQUAL(read.number, 5);
    CU_ASSERT_TRUE(wg_pins_allow(&read, WG_PIN_SERVER, &scene.present.public_key));
    CU_ASSERT_TRUE(wg_pins_allow(&read, WG_PIN_SERVER, &scene.backup.public_key));
    CU_ASSERT_FALSE(wg_pins_allow(&read, WG_PIN_SERVER, &scene.stranger.public_key));
    CU_ASSERT_FALSE(wg_pins_allow(&read, WG_PIN_DEVICE, &scene.present.public_key));
    CU_ASSERT_TRUE(wg_pins_name(&read, WG_PIN_SERVER));
    CU_ASSERT_FALSE(wg_pins_name(&read, WG_PIN_DEVICE));
    /* an old list, again or for the first time */
    CU_ASSERT_FALSE(wg_pins_read(text, strlen(text), key, 1, 5, &read, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    /* of somebody else */
    CU_ASSERT_FALSE(wg_pins_read(text, strlen(text), &scene.other.public_key, 1, 0, &read, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    /* changed */
    char *at = strstr(text, "\"sha256\": \"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    at[11] = at[11] == '0' ? '1' : '0';
    CU_ASSERT_FALSE(wg_pins_read(text, strlen(text), key, 1, 0, &read, &err));
    /* who hands it on does not ask who signed */
    ASSERT_OK(wg_pins_peek(text, strlen(text), &read, &err), &err);
    CU_ASSERT_EQUAL(read.number, 5);
    CU_ASSERT_FALSE(wg_pins_peek(text, strlen(text) - 1, &read, &err));
    CU_ASSERT_FALSE(wg_pins_peek("{\"signed\": {}}", 14, &read, &err));
    free(text);
}

static void test_form(void)
{
    struct scene scene;
    scene_make(&scene);
    struct wg_pins pins = scene.pins;
    CU_ASSERT_TRUE(wg_pins_check(&pins, &err));
    pins.count = 1; /* no backup */
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    pins.count = 0;
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    pins = scene.pins;
    pins.pins[0].backup = true; /* none in force */
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    pins = scene.pins;
    memcpy(pins.pins[1].sha256, pins.pins[0].sha256, sizeof pins.pins[0].sha256); /* one key */
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    pins = scene.pins;
    pins.number = 0;
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    pins = scene.pins;
    pins.pins[0].sha256[0] = 'X';
    CU_ASSERT_FALSE(wg_pins_check(&pins, &err));
    CU_ASSERT_PTR_NULL(wg_pins_sign(&pins, &scene.signer, &err));
}

WG_SUITE("pins", {"signed, newer, asked", test_read}, {"one in force, one kept back", test_form})
