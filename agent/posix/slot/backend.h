/* backend.h: one way of keeping two systems on a device: where a release is written, and how the
 * device is made to boot it once, for good, or never again. The verbs are those of the protocol for
 * installers (docs/installers.md); the backend `exec` hands them on to a program.
 *
 * What is on disk decides, never what was remembered: any call may come again after a power cut,
 * and then does what is left to do. A call that returns true has its effect on disk, but for
 * write().
 *
 * Threads: never two calls at once. plan(), base(), begin(), read(), write(), sync() and what notes
 * a whole member are called by the thread of the download, and between begin() and the end of that
 * download nothing else is called but well(), and discard() by that same thread, when what came is
 * not what was ordered. All others are called by the worker's thread (worker.h), one after the
 * other, and never while a download goes on, but for well(). */
#ifndef WG_AGENT_POSIX_SLOT_BACKEND_H
#define WG_AGENT_POSIX_SLOT_BACKEND_H

#include "common/message.h"
#include "common/time.h"

#include <limits.h>

#define SLOT_LIMIT (10 * WG_MINUTE) /* of one call, where the backend sets none itself */
#define SLOT_MEMBERS_MAX 5          /* releases that are installed together */

/* Why the running slot was started, where it was not the default. */
enum slot_fallback {
    SLOT_AS_CHOSEN,          /* it was, or is tried */
    SLOT_FOR_ONE_NOT_LOADED, /* the boot loader could not load the default */
    SLOT_FOR_ONE_NOT_WELL    /* it was started again and again, and nobody said that it was well */
};

struct slot_status {
    char running[WG_NAME_MAX + 1], idle[WG_NAME_MAX + 1]; /* names, for people and reports */
    bool trial;    /* the running slot boots once, and was not confirmed */
    bool marked;   /* the idle slot is marked to boot once, and was not booted */
    bool in_place; /* nothing boots: activate() and revert() change what runs at once */
    bool again;    /* this start is not it: the device boots once more, before anything */
    enum slot_fallback fallback; /* the running slot took the default's place in this start */
    size_t component_count;      /* of the running slot; 0: it is not known what it holds */
    struct wg_component components[WG_COMPONENTS_MAX];
    char sha256[WG_COMPONENTS_MAX][WG_SHA256_HEX]; /* of each one's content; "": not known */
};

/* What is to be put into the idle slot. */
struct slot_release {
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char sha256[WG_SHA256_HEX]; /* of the content, as it lies in the slot */
    int64_t length;             /* bytes, 1.. */
};

/* A program in a slot, with the verbs install, boot and health (agent/posix/runner.h). */
struct slot_program {
    char path[PATH_MAX], folder[PATH_MAX]; /* folder: that it runs in */
};

struct slot_backend;

struct slot_backend_ops {
    const char *name; /* "dir", "block", "exec", "set" */
    /* What was activated, booted once and not confirmed lies in the idle slot as before, and may be
     * activated again. */
    bool keeps;
    /* NULL: what it keeps is one thing. Else: the releases that are installed together, in their
     * order, before the first begin(). WG_E_CONFLICT: two of them need the same place, or what runs
     * is on trial. The same again changes nothing. *in_place: as in the status, for these alone. */
    bool (*plan)(struct slot_backend *backend, const struct slot_release *releases, size_t count,
                 bool *in_place, struct wg_error *err);
    /* NULL without plan(). That all of a member was written and synced, with the right hash: noted
     * for good, until something is done to its place that may change it. */
    bool (*note_whole)(struct slot_backend *backend, const struct slot_release *release,
                       struct wg_error *err);
    bool (*is_whole)(struct slot_backend *backend, const struct slot_release *release);
    /* Once, at the start: what the boot loader has decided. A mark of the running slot that boots
     * once has been used up by then. */
    bool (*probe)(struct slot_backend *backend, struct slot_status *out, struct wg_error *err);
    /* The idle slot is no longer bootable, nor marked, and open for writing. *have: how many bytes
     * of this very release are there and durable since an earlier begin(); the next write() goes on
     * behind them. fresh: none are wanted, *have is 0. WG_E_LIMIT: the slot is too small, and
     * nothing has changed. May come again without an end of the download between. */
    bool (*begin)(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                  int64_t *have, struct wg_error *err);
    /* len bytes of what was written, from at on; all of what begin() has is read once, to be
     * hashed again. NULL: it cannot, and then begin() is always asked for a fresh start. */
    bool (*read)(struct slot_backend *backend, int64_t at, void *data, size_t len,
                 struct wg_error *err);
    /* The next bytes, never more than the release's length in all. */
    bool (*write)(struct slot_backend *backend, const void *data, size_t len, struct wg_error *err);
    /* All that was written is durable, and counts as had. After a failure of write() or sync()
     * nothing more counts until the next begin(): the kernel says only once that it lost bytes. */
    bool (*sync)(struct slot_backend *backend, struct wg_error *err);
    /* Path of a file or device that begins with the content of the running slot, for patches over
     * it: of the component that release (borrowed) is of. NULL: there is none. Before begin(). */
    bool (*base)(struct slot_backend *backend, const struct slot_release *release,
                 char out[PATH_MAX], struct wg_error *err);
    /* NULL, or an empty path: the slots hold no program of their own. Path of the one in the
     * running slot, or in the idle one after a whole download: it is put into its place first, its
     * hash is checked again; release (borrowed) is what was written, and for the running slot no
     * more than the component is looked at. */
    bool (*program)(struct slot_backend *backend, bool idle, const struct slot_release *release,
                    struct slot_program *out, struct wg_error *err);
    /* All is written, and its hash was right: from now on the idle slot may be activated. */
    bool (*finish)(struct slot_backend *backend, const struct slot_release *release,
                   struct wg_error *err);
    /* The idle slot boots next, once. WG_E_FAILED when nothing whole is in it. */
    bool (*activate)(struct slot_backend *backend, struct wg_error *err);
    /* The running slot boots from now on; it is on trial no more. */
    bool (*confirm)(struct slot_backend *backend, struct wg_error *err);
    /* What runs, and is not on trial, is well: where its boot loader counts the starts of a default
     * of which nobody says so, it begins anew. NULL: nobody counts. Also while a download goes on.
     */
    bool (*well)(struct slot_backend *backend, struct wg_error *err);
    /* The slot that was confirmed last boots next and from now on; marks are gone. */
    bool (*revert)(struct slot_backend *backend, struct wg_error *err);
    /* What is in the idle slot may go; it does not boot. Not after a trial boot: the idle slot is
     * the confirmed one then. */
    void (*discard)(struct slot_backend *backend);
    void (*free)(struct slot_backend *backend);
};

/* The first member of every backend. */
struct slot_backend {
    const struct slot_backend_ops *ops;
    wg_duration limit; /* that no call outlasts; 0: it sets none, SLOT_LIMIT is meant */
};

#endif
