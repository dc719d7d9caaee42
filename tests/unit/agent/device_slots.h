/* device_slots.h: a device with two slots on image files and a GRUB environment, and the boot
 * script of deploy/boot/grub.cfg in C. For block_test.c and block_cut_test.c. */
#ifndef WG_TESTS_UNIT_AGENT_DEVICE_SLOTS_H
#define WG_TESTS_UNIT_AGENT_DEVICE_SLOTS_H

#include "agent/posix/slot/block.h"
#include "agent/posix/slot/grub.h"
#include "agent/posix/slot/record.h"
#include "common/crypto.h"
#include "folder.h"

#define SLOT_SIZE 16384
#define IMAGE_SIZE 4000

struct gadget {
    struct folder folder;
    char state[80], env[80];
    struct slot_backend *slots; /* NULL: it does not run */
    struct slot_status status;
    struct wg_error err;
};

/* An image of that version: bytes that no other version has. */
static inline void gadget_image(const char *version, char out[IMAGE_SIZE])
{
    uint32_t state = 1;
    for (const char *at = version; *at; at++) state = state * 31 + (unsigned char)*at;
    for (size_t i = 0; i < IMAGE_SIZE; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (char)(state >> 24);
    }
}

static inline void gadget_release(const char *version, struct slot_release *out)
{
    char image[IMAGE_SIZE];
    struct wg_error err = {0};
    gadget_image(version, image);
    *out = (struct slot_release){.length = IMAGE_SIZE};
    (void)wg_copy(out->component, sizeof out->component, "brake");
    (void)wg_copy(out->version, sizeof out->version, version);
    ASSERT_OK(wg_sha256_of(image, IMAGE_SIZE, out->sha256, &err), &err);
}

static inline void gadget_put(struct gadget *gadget, const char *name, const char *bytes,
                              size_t len)
{
    ASSERT_OK(wg_file_replace(folder_file(&gadget->folder, name), bytes, len, 0600, &gadget->err),
              &gadget->err);
}

static inline struct slot_backend *gadget_open(struct gadget *gadget)
{
    struct block_settings settings = {.key = "wg.slot"};
    (void)wg_copy(settings.a, sizeof settings.a, folder_file(&gadget->folder, "slot-a"));
    (void)wg_copy(settings.b, sizeof settings.b, folder_file(&gadget->folder, "slot-b"));
    (void)wg_copy(settings.cmdline, sizeof settings.cmdline,
                  folder_file(&gadget->folder, "cmdline"));
    struct boot *boot = grub_new(gadget->env, &gadget->err);
    return boot ? block_new(&settings, gadget->state, boot, &gadget->err) : NULL;
}

static inline void gadget_off(struct gadget *gadget)
{
    if (gadget->slots) gadget->slots->ops->free(gadget->slots);
    gadget->slots = NULL;
}

/* Is it a start too many of the default? */
static inline bool gadget_count(struct gadget *gadget, char block[GRUB_BLOCK])
{
    char starts[BOOT_VALUE_MAX], next[2] = "";
    (void)grub_block_get(block, BOOT_STARTS, starts);
    if (starts[0] < '0' || starts[0] > '5' || starts[1]) return false;
    next[0] = (char)(starts[0] == '5' ? '0' : starts[0] + 1);
    ASSERT_OK(grub_block_set(block, BOOT_STARTS, next, &gadget->err), &gadget->err);
    ASSERT_OK(wg_file_replace(gadget->env, block, GRUB_BLOCK, 0600, &gadget->err), &gadget->err);
    return next[0] == '0';
}

/* What GRUB does; the slot that it starts. */
static inline char gadget_load(struct gadget *gadget)
{
    char block[GRUB_BLOCK] = "", standard[BOOT_VALUE_MAX], once[BOOT_VALUE_MAX], slot = 'a';
    const char *why = "";
    struct wg_buf bytes;
    wg_buf_init(&bytes, GRUB_BLOCK);
    ASSERT_OK(wg_file_read(gadget->env, &bytes, &gadget->err), &gadget->err);
    if (bytes.len == GRUB_BLOCK) memcpy(block, bytes.data, GRUB_BLOCK);
    wg_buf_clear(&bytes);
    (void)grub_block_get(block, BOOT_DEFAULT, standard);
    (void)grub_block_get(block, BOOT_ONCE, once);
    if (strcmp(standard, "b") == 0) slot = 'b';
    if (strcmp(once, "a") == 0 || strcmp(once, "b") == 0) {
        slot = once[0];
        ASSERT_OK(grub_block_set(block, BOOT_ONCE, BOOT_NONE, &gadget->err), &gadget->err);
        ASSERT_OK(wg_file_replace(gadget->env, block, GRUB_BLOCK, 0600, &gadget->err),
                  &gadget->err);
    } else if (gadget_count(gadget, block)) {
        slot = slot == 'a' ? 'b' : 'a';
        why = " wg.fallback=yes wg.starts=5";
    }
    char cmdline[64];
    (void)wg_format(cmdline, sizeof cmdline, "ro wg.slot=%c%s quiet\n", slot, why);
    gadget_put(gadget, "cmdline", cmdline, strlen(cmdline));
    return slot;
}

/* The agent comes up in the slot that was loaded. */
static inline bool gadget_start(struct gadget *gadget)
{
    gadget_off(gadget);
    gadget->slots = gadget_open(gadget);
    return gadget->slots && gadget->slots->ops->probe(gadget->slots, &gadget->status, &gadget->err);
}

static inline void gadget_boot(struct gadget *gadget)
{
    gadget_off(gadget);
    (void)gadget_load(gadget);
    ASSERT_OK(gadget_start(gadget), &gadget->err);
}

/* A new device, with 1.0.0 in slot a. */
static inline void gadget_make(struct gadget *gadget)
{
    char image[IMAGE_SIZE], slot[SLOT_SIZE], block[GRUB_BLOCK];
    struct slot_release release;
    memset(gadget, 0, sizeof *gadget);
    folder_make(&gadget->folder);
    (void)wg_format(gadget->state, sizeof gadget->state, "%s/state", gadget->folder.path);
    (void)wg_format(gadget->env, sizeof gadget->env, "%s/grubenv", gadget->folder.path);
    memset(slot, 0xff, sizeof slot);
    gadget_put(gadget, "slot-a", slot, sizeof slot);
    gadget_put(gadget, "slot-b", slot, sizeof slot);
    memset(block, '#', sizeof block);
    static const char signature[] = "# GRUB Environment Block\n";
    for (size_t i = 0; signature[i]; i++) block[i] = signature[i];
    ASSERT_OK(wg_file_replace(gadget->env, block, GRUB_BLOCK, 0600, &gadget->err), &gadget->err);
    gadget_image("1.0.0", image);
    gadget_put(gadget, "image", image, IMAGE_SIZE);
    gadget_release("1.0.0", &release);
    char path[PATH_MAX];
    (void)wg_copy(path, sizeof path, folder_file(&gadget->folder, "image"));
    struct slot_backend *slots = gadget_open(gadget);
    ASSERT_OK(slots && block_provision(slots, path, &release, &gadget->err), &gadget->err);
    if (slots) slots->ops->free(slots);
}

static inline void gadget_remove(struct gadget *gadget)
{
    gadget_off(gadget);
    folder_remove(&gadget->folder);
}

/* The slot begins with the image of that version. */
static inline bool gadget_holds(struct gadget *gadget, char slot, const char *version)
{
    char image[IMAGE_SIZE], name[8];
    struct wg_buf bytes;
    gadget_image(version, image);
    (void)wg_format(name, sizeof name, "slot-%c", slot);
    wg_buf_init(&bytes, SLOT_SIZE);
    bool same = wg_file_read(folder_file(&gadget->folder, name), &bytes, NULL) &&
                bytes.len == SLOT_SIZE && memcmp(bytes.data, image, IMAGE_SIZE) == 0;
    wg_buf_clear(&bytes);
    return same;
}

/* Goes on with what is there, which must be right, and writes up to `end`, syncing each portion. */
static inline bool gadget_write(struct gadget *gadget, const char *version, bool fresh, int64_t end)
{
    char image[IMAGE_SIZE], kept[IMAGE_SIZE];
    struct slot_release release;
    int64_t at = -1;
    const struct slot_backend_ops *ops = gadget->slots->ops;
    gadget_image(version, image);
    gadget_release(version, &release);
    if (!ops->begin(gadget->slots, &release, fresh, &at, &gadget->err)) return false;
    CU_ASSERT_TRUE(at >= 0 && at <= IMAGE_SIZE && (!fresh || at == 0));
    if (at > 0 && !ops->read(gadget->slots, 0, kept, (size_t)at, &gadget->err)) return false;
    CU_ASSERT_EQUAL(memcmp(kept, image, (size_t)at), 0);
    for (int64_t len; at < end; at += len) {
        len = end - at < 2000 ? end - at : 2000;
        if (!ops->write(gadget->slots, image + at, (size_t)len / 2, &gadget->err) ||
            !ops->write(gadget->slots, image + at + len / 2, (size_t)(len - len / 2),
                        &gadget->err) ||
            !ops->sync(gadget->slots, &gadget->err))
            return false;
    }
    return true;
}

static inline bool gadget_finish(struct gadget *gadget, const char *version)
{
    struct slot_release release;
    gadget_release(version, &release);
    return gadget->slots->ops->finish(gadget->slots, &release, &gadget->err);
}

/* "a 1.0.0", "b 2.0.0 trial", "a 1.0.0 marked" */
static inline void gadget_is(struct gadget *gadget, const char *expected)
{
    char text[128];
    const struct slot_status *status = &gadget->status;
    (void)wg_format(text, sizeof text, "%s %s%s%s", status->running,
                    status->component_count ? status->components[0].version : "none",
                    status->trial ? " trial" : "", status->marked ? " marked" : "");
    ASSERT_TEXT(text, expected);
    CU_ASSERT_NOT_EQUAL(status->running[0], status->idle[0]);
}

#endif
