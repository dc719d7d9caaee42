/* device_set.h: a device with places for three components, each kept in a way that a test picks:
 * image files that a boot loader starts (device_slots.h), folders (dir.h), the shipped installer
 * `file`, or a gizmo, which does in this process what that does: what is activated runs at once,
 * and on trial over one boot. For set_cut_test.c. */
#ifndef WG_TESTS_UNIT_AGENT_DEVICE_SET_H
#define WG_TESTS_UNIT_AGENT_DEVICE_SET_H

#include "agent/posix/slot/dir.h"
#include "agent/posix/slot/exec.h"
#include "agent/posix/slot/plan.h"
#include "agent/posix/slot/set.h"
#include "device_slots.h"

#define PLACES 3

enum kind { KIND_NONE, KIND_BLOCK, KIND_DIR, KIND_GIZMO, KIND_FILE };

static const char *const components[PLACES] = {"brake", "app", "modem"};

struct gizmo_state {
    char phase; /* idle, begun, whole, ready, trial */
    char now[16], next[16];
    long boot, tried; /* of the machine; 0: none */
};

struct gizmo {
    struct slot_backend backend;
    char path[128], component[16];
    const long *boots; /* of the machine */
    struct gizmo_state state;
    int64_t at;
    char content[IMAGE_SIZE];
};

static inline bool gizmo_save(struct gizmo *gizmo, char phase, struct wg_error *err)
{
    struct gizmo_state next = gizmo->state;
    next.phase = phase;
    if (!wg_file_replace(gizmo->path, &next, sizeof next, 0600, err)) return false;
    gizmo->state = next;
    return true;
}

static inline bool gizmo_probe(struct slot_backend *backend, struct slot_status *out,
                               struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    struct gizmo_state *state = &gizmo->state;
    if (state->phase == 't' && state->boot != *gizmo->boots && state->tried != *gizmo->boots) {
        bool first = state->tried == 0;
        if (first) state->tried = *gizmo->boots;
        if (!gizmo_save(gizmo, first ? 't' : 'i', err)) return false;
    }
    *out = (struct slot_status){
        .running = "current", .idle = "next", .in_place = true, .component_count = 1};
    out->trial = state->phase == 't';
    (void)wg_copy(out->components[0].name, sizeof out->components[0].name, gizmo->component);
    (void)wg_copy(out->components[0].version, sizeof out->components[0].version,
                  out->trial ? state->next : state->now);
    return true;
}

static inline bool gizmo_begin(struct slot_backend *backend, const struct slot_release *release,
                               bool fresh, int64_t *have, struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    CU_ASSERT_TRUE(fresh);
    if (gizmo->state.phase == 't') return wg_fail(err, WG_E_CONFLICT, "on trial");
    (void)wg_copy(gizmo->state.next, sizeof gizmo->state.next, release->version);
    gizmo->at = *have = 0;
    return gizmo_save(gizmo, 'b', err);
}

static inline bool gizmo_write(struct slot_backend *backend, const void *data, size_t len,
                               struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    if ((int64_t)len > IMAGE_SIZE - gizmo->at) return wg_fail(err, WG_E_LIMIT, "too much");
    memcpy(gizmo->content + gizmo->at, data, len);
    gizmo->at += (int64_t)len;
    return true;
}

static inline bool gizmo_sync(struct slot_backend *backend, struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    char image[IMAGE_SIZE];
    gadget_image(gizmo->state.next, image);
    return gizmo->at < IMAGE_SIZE || memcmp(image, gizmo->content, IMAGE_SIZE) != 0 ||
           gizmo_save(gizmo, 'w', err);
}

static inline bool gizmo_finish(struct slot_backend *backend, const struct slot_release *release,
                                struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    if (gizmo->state.phase == 'r') return true;
    if (gizmo->state.phase != 'w' || strcmp(gizmo->state.next, release->version) != 0)
        return wg_fail(err, WG_E_FAILED, "not all is here");
    return gizmo_save(gizmo, 'r', err);
}

static inline bool gizmo_activate(struct slot_backend *backend, struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    if (gizmo->state.phase == 't') return true;
    if (gizmo->state.phase != 'r') return wg_fail(err, WG_E_FAILED, "nothing whole is here");
    gizmo->state.boot = *gizmo->boots;
    gizmo->state.tried = 0;
    return gizmo_save(gizmo, 't', err);
}

static inline bool gizmo_confirm(struct slot_backend *backend, struct wg_error *err)
{
    struct gizmo *gizmo = (struct gizmo *)backend;
    char now[16];
    if (gizmo->state.phase != 't') return true;
    (void)wg_copy(now, sizeof now, gizmo->state.now);
    (void)wg_copy(gizmo->state.now, sizeof gizmo->state.now, gizmo->state.next);
    if (gizmo_save(gizmo, 'i', err)) return true;
    (void)wg_copy(gizmo->state.now, sizeof gizmo->state.now, now);
    return false;
}

static inline bool gizmo_revert(struct slot_backend *backend, struct wg_error *err)
{
    return gizmo_save((struct gizmo *)backend, 'i', err);
}

static inline void gizmo_discard(struct slot_backend *backend)
{
    (void)gizmo_revert(backend, NULL);
}

static inline void gizmo_free(struct slot_backend *backend)
{
    free(backend);
}

static const struct slot_backend_ops gizmo_ops = {.name = "gizmo",
                                                  .probe = gizmo_probe,
                                                  .begin = gizmo_begin,
                                                  .write = gizmo_write,
                                                  .sync = gizmo_sync,
                                                  .finish = gizmo_finish,
                                                  .activate = gizmo_activate,
                                                  .confirm = gizmo_confirm,
                                                  .revert = gizmo_revert,
                                                  .discard = gizmo_discard,
                                                  .free = gizmo_free};

struct device {
    struct gadget gadget; /* image files and loader; its slots are the set */
    enum kind kinds[PLACES];
    long boots;
};

static inline const char *device_path(struct device *device, size_t place)
{
    char name[32];
    (void)wg_format(name, sizeof name, "place-%zu", place);
    return folder_file(&device->gadget.folder, name);
}

static inline struct slot_backend *device_gizmo(struct device *device, size_t place)
{
    struct gizmo *gizmo = calloc(1, sizeof *gizmo);
    struct wg_buf bytes;
    CU_ASSERT_PTR_NOT_NULL_FATAL(gizmo);
    gizmo->backend.ops = &gizmo_ops;
    gizmo->boots = &device->boots;
    gizmo->state = (struct gizmo_state){.phase = 'i', .now = "1.0.0"};
    (void)wg_copy(gizmo->path, sizeof gizmo->path, device_path(device, place));
    (void)wg_copy(gizmo->component, sizeof gizmo->component, components[place]);
    wg_buf_init(&bytes, sizeof gizmo->state);
    if (wg_file_read(gizmo->path, &bytes, NULL) && bytes.len == sizeof gizmo->state)
        memcpy(&gizmo->state, bytes.data, bytes.len);
    wg_buf_clear(&bytes);
    return &gizmo->backend;
}

static inline struct slot_backend *device_file(struct device *device, size_t place)
{
    char target[PATH_MAX], boot_id[PATH_MAX], folder[PATH_MAX];
    (void)wg_format(folder, sizeof folder, "%s.state", device_path(device, place));
    (void)wg_copy(target, sizeof target, device_path(device, place));
    (void)wg_copy(boot_id, sizeof boot_id, folder_file(&device->gadget.folder, "boot-id"));
    json_t *settings = json_pack("{s:s, s:s, s:s, s:s}", "target", target, "boot_id", boot_id,
                                 "component", components[place], "version", "1.0.0");
    const struct slot_exec_config config = {
        .program = WG_SOURCE_DIR "/agent/installers/file", .folder = folder, .settings = settings};
    struct slot_backend *made = slot_exec_new(&config, &device->gadget.err);
    json_decref(settings);
    return made;
}

/* Of the machine. */
static inline void device_boots(struct device *device, long more)
{
    char text[32];
    device->boots += more;
    (void)wg_format(text, sizeof text, "boot-%ld\n", device->boots);
    folder_put(&device->gadget.folder, "boot-id", text, 0600);
}

static inline struct slot_backend *device_place(struct device *device, size_t place)
{
    switch (device->kinds[place]) {
    case KIND_BLOCK:
        return gadget_open(&device->gadget);
    case KIND_DIR:
        return dir_new(device_path(device, place), &device->gadget.err);
    case KIND_FILE:
        return device_file(device, place);
    default:
        return device_gizmo(device, place);
    }
}

static inline void device_release(size_t place, const char *version, struct slot_release *out)
{
    gadget_release(version, out);
    (void)wg_copy(out->component, sizeof out->component, components[place]);
}

static inline void device_off(struct device *device)
{
    gadget_off(&device->gadget);
}

static inline bool device_probe(struct device *device)
{
    struct set_part parts[PLACES];
    size_t count = 0;
    device_off(device);
    for (size_t i = 0; i < PLACES && device->kinds[i] != KIND_NONE; i++) {
        parts[i] = (struct set_part){.component = i ? components[i] : NULL,
                                     .backend = device_place(device, i)};
        if (!parts[i].backend) {
            for (size_t j = 0; j < i; j++) parts[j].backend->ops->free(parts[j].backend);
            return false;
        }
        count++;
    }
    struct gadget *gadget = &device->gadget;
    gadget->slots = set_new(gadget->state, parts, count, &gadget->err);
    return gadget->slots && gadget->slots->ops->probe(gadget->slots, &gadget->status, &gadget->err);
}

static inline void device_provision(struct device *device, size_t place)
{
    char image[PATH_MAX], state[PATH_MAX];
    struct slot_release release;
    if (device->kinds[place] == KIND_FILE)
        folder_put(&device->gadget.folder, strrchr(device_path(device, place), '/') + 1, "old",
                   0600);
    if (device->kinds[place] != KIND_DIR) return;
    device_release(place, "1.0.0", &release);
    (void)wg_copy(image, sizeof image, folder_file(&device->gadget.folder, "image"));
    (void)wg_copy(state, sizeof state, device_path(device, place));
    ASSERT_OK(dir_provision(state, image, &release, &device->gadget.err), &device->gadget.err);
}

static inline void device_make(struct device *device, const enum kind kinds[PLACES])
{
    gadget_make(&device->gadget);
    device->boots = 0;
    device_boots(device, 1);
    for (size_t i = 0; i < PLACES; i++) {
        device->kinds[i] = kinds[i];
        device_provision(device, i);
    }
}

/* Version that the component runs, as the set says; "" not known. */
static inline const char *device_runs(const struct device *device, size_t place)
{
    const struct slot_status *status = &device->gadget.status;
    for (size_t i = 0; i < status->component_count; i++)
        if (strcmp(status->components[i].name, components[place]) == 0)
            return status->components[i].version;
    return "";
}

/* Goes on with what is there, up to `end`. */
static inline bool device_write(struct device *device, size_t place, const char *version,
                                int64_t end)
{
    char image[IMAGE_SIZE];
    struct slot_release release;
    struct gadget *gadget = &device->gadget;
    const struct slot_backend_ops *ops = gadget->slots->ops;
    int64_t at = -1;
    gadget_image(version, image);
    device_release(place, version, &release);
    if (!ops->begin(gadget->slots, &release, device->kinds[place] == KIND_DIR, &at, &gadget->err))
        return false;
    CU_ASSERT_TRUE(at >= 0 && at <= IMAGE_SIZE);
    for (int64_t len; at < end; at += len) {
        len = end - at < 2000 ? end - at : 2000;
        if (!ops->write(gadget->slots, image + at, (size_t)len, &gadget->err) ||
            !ops->sync(gadget->slots, &gadget->err))
            return false;
    }
    return true;
}

static inline bool device_finish(struct device *device, size_t place, const char *version)
{
    struct slot_release release;
    struct gadget *gadget = &device->gadget;
    struct slot_program program;
    device_release(place, version, &release);
    return gadget->slots->ops->program(gadget->slots, true, &release, &program, &gadget->err) &&
           gadget->slots->ops->finish(gadget->slots, &release, &gadget->err);
}

/* Of all components from the first one on, each with that version. */
static inline bool device_plan(struct device *device, size_t first, const char *version)
{
    struct slot_release releases[PLACES];
    bool wanted[SLOT_MEMBERS_MAX];
    struct gadget *gadget = &device->gadget;
    size_t count = 0;
    for (size_t i = first; i < PLACES && device->kinds[i] != KIND_NONE; i++)
        device_release(i, version, &releases[count++]);
    return slot_plan(gadget->slots, &gadget->status, releases, count, wanted, &gadget->err);
}

/* As the download does it: what is noted as whole is not written again. */
static inline bool device_bring(struct device *device, size_t place, const char *version)
{
    struct slot_release release;
    struct gadget *gadget = &device->gadget;
    const struct slot_backend_ops *ops = gadget->slots->ops;
    device_release(place, version, &release);
    return ops->is_whole(gadget->slots, &release) ||
           (device_write(device, place, version, IMAGE_SIZE) &&
            ops->note_whole(gadget->slots, &release, &gadget->err));
}

static inline bool device_install(struct device *device, size_t first, const char *version)
{
    bool ok = device_plan(device, first, version);
    for (size_t i = first; ok && i < PLACES && device->kinds[i] != KIND_NONE; i++)
        ok = device_bring(device, i, version);
    for (size_t i = first; ok && i < PLACES && device->kinds[i] != KIND_NONE; i++)
        ok = device_finish(device, i, version);
    return ok;
}

#endif
