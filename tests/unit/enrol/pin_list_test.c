/* pin_list_test.c: the list that is handed on: read again when it changes, kept when it is wrong.
 */
#include "pki/enrol/pin_list.h"

#include "common/pins.h"
#include "tests/unit/agent/folder.h"

static struct wg_error err;

#define HASHES                                                                                     \
    "{\"use\": \"server\", \"backup\": false, \"sha256\": "                                        \
    "\"1111111111111111111111111111111111111111111111111111111111111111\"}, "                      \
    "{\"use\": \"server\", \"backup\": true, \"sha256\": "                                         \
    "\"2222222222222222222222222222222222222222222222222222222222222222\"}"

static void put(struct folder *folder, int number, const char *more)
{
    char text[4096];
    CU_ASSERT_TRUE_FATAL(
        wg_format(text, sizeof text,
                  "{\"signed\": {\"type\": \"wavegate-pins\", \"v\": 1, \"number\": %d, "
                  "\"issued\": \"2026-12-01T00:00:00Z\", \"pins\": [" HASHES "]%s},\n "
                  "\"signatures\": [{\"keyid\": \"00\", \"sig\": \"00\"}]}",
                  number, more));
    folder_put(folder, "pins.new", text, 0644);
    char from[PATH_MAX];
    (void)wg_copy(from, sizeof from, folder_file(folder, "pins.new"));
    CU_ASSERT_EQUAL_FATAL(rename(from, folder_file(folder, "pins.json")), 0);
}

/* The number of the list that a device with number gets; 0: none. */
static int64_t answered(struct pin_list *list, int64_t number)
{
    struct wg_cert_message message;
    struct wg_pins pins = {.number = 0};
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    if (pin_list_answer(list, number, &out)) {
        ASSERT_OK(wg_cert_message_decode(wg_buf_str(&out), out.len, &message, &err), &err);
        CU_ASSERT_EQUAL(message.kind, WG_CERT_PINS);
        ASSERT_OK(wg_pins_peek(message.pins, strlen(message.pins), &pins, &err), &err);
    } else {
        CU_ASSERT_EQUAL(out.len, 0);
    }
    wg_buf_clear(&out);
    return pins.number;
}

static void test_answers(void)
{
    struct folder folder;
    struct pin_list list;
    char path[PATH_MAX];
    folder_make(&folder);
    (void)wg_copy(path, sizeof path, folder_file(&folder, "pins.json"));
    pin_list_init(&list, "");
    CU_ASSERT_EQUAL(answered(&list, 0), 0);
    pin_list_init(&list, path);
    CU_ASSERT_EQUAL(answered(&list, 0), 0); /* not there yet */
    put(&folder, 4, "");
    CU_ASSERT_EQUAL(answered(&list, 0), 4);
    CU_ASSERT_EQUAL(answered(&list, 3), 4);
    CU_ASSERT_EQUAL(answered(&list, 4), 0);
    CU_ASSERT_EQUAL(answered(&list, 5), 0);
    put(&folder, 5, "");
    CU_ASSERT_EQUAL(answered(&list, 4), 5);
    folder_put(&folder, "pins.json", "{", 0644); /* half copied */
    CU_ASSERT_EQUAL(answered(&list, 4), 5);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(answered(&list, 4), 5);
    put(&folder, 6, "");
    CU_ASSERT_EQUAL(answered(&list, 4), 6);
    folder_remove(&folder);
}

/* What is signed must arrive as it was signed, also what this version does not know. */
static void test_all_of_it(void)
{
    struct folder folder;
    struct pin_list list;
    folder_make(&folder);
    put(&folder, 4, ", \"later\": \"more\"");
    char path[PATH_MAX];
    (void)wg_copy(path, sizeof path, folder_file(&folder, "pins.json"));
    pin_list_init(&list, path);
    CU_ASSERT_EQUAL(answered(&list, 0), 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(list.text, "\"later\":\"more\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(list.text, "\"signatures\""));
    folder_remove(&folder);
}

WG_SUITE("pin_list", {"who gets which", test_answers}, {"nothing is left out", test_all_of_it})
