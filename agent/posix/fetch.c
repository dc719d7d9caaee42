/* fetch.c: the download thread: what is there is hashed again, the rest is asked for and appended.
 */
#include "agent/posix/fetch.h"

#include "agent/posix/base.h"
#include "agent/posix/bring.h"
#include "agent/posix/members.h"
#include "agent/posix/part.h"
#include "agent/posix/slot/plan.h"
#include "common/age/header.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/identity_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_EVERY WG_SECOND

struct fetch {
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    char identity[PATH_MAX]; /* "": none */
    char nonce[PATH_MAX], mark[PATH_MAX],
        stamps[PATH_MAX]; /* names of files, for the first member */
    struct slot_backend *slots;
    char next_certificate[PATH_MAX], next_key[PATH_MAX]; /* for the next fetch; "" as before */
    struct tls_pins *pins;
    struct download_settings usual; /* where the owner has none */
    int pipe[2];                    /* whole events; smaller than PIPE_BUF, so never torn */
    pthread_t thread;
    bool started;
    atomic_bool cancel;
    struct wg_order ordered; /* all of it */
    struct core_release brings;
    struct slot_status status; /* what runs */
    struct members members;
    /* the thread's own: */
    bool needed[SLOT_MEMBERS_MAX];
    size_t number;        /* of the member in hand, as in the order */
    int64_t done, coming; /* bytes of the members that came, and of those that are still to come */
    char nonce_file[PATH_MAX], mark_file[PATH_MAX], stamps_file[PATH_MAX];
    struct wg_order order; /* these are of the member in hand alone */
    struct slot_release release;
    struct core_release offered;
    char base_path[PATH_MAX]; /* "": none */
    struct part part;
    char given_up_for[WG_ORDER_ID_MAX];            /* order whose forms are given up */
    bool given_up[SLOT_MEMBERS_MAX][WG_FORMS_MAX]; /* by number, of member and form */
    int64_t fetched;                   /* bytes, for this order, since the agent began */
    struct zst_base base;              /* of the form in hand */
    const struct core_form *form;      /* in hand; NULL: the artifact itself */
    const struct wg_order_form *place; /* where the form is */
    struct wg_order wanted;            /* the order, as if for the form in hand alone */
    struct bring bring;
    wg_time told_at;
};

struct fetch *fetch_new(const struct fetch_config *config, struct wg_error *err)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (!fetch) {
        (void)wg_fail_memory(err, "preparing downloads");
        return NULL;
    }
    if (pipe2(fetch->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        (void)wg_fail_errno(err, "preparing downloads");
        free(fetch);
        return NULL;
    }
    fetch->pins = config->pins;
    fetch->slots = config->slots;
    (void)wg_copy(fetch->nonce, sizeof fetch->nonce, config->nonce_file);
    (void)wg_copy(fetch->mark, sizeof fetch->mark, config->mark_file);
    (void)wg_copy(fetch->stamps, sizeof fetch->stamps, config->stamps_file);
    download_settings_init(&fetch->usual);
    fetch->bring.settings = config->download ? config->download : &fetch->usual;
    if (config->device)
        (void)wg_copy(fetch->bring.device, sizeof fetch->bring.device, config->device);
    (void)wg_copy(fetch->ca, sizeof fetch->ca, config->ca_file);
    (void)wg_copy(fetch->certificate, sizeof fetch->certificate, config->cert_file);
    (void)wg_copy(fetch->key, sizeof fetch->key, config->key_file);
    if (config->identity_file)
        (void)wg_copy(fetch->identity, sizeof fetch->identity, config->identity_file);
    return fetch;
}

void fetch_set_pair(struct fetch *fetch, const char *cert_file, const char *key_file)
{
    (void)wg_copy(fetch->next_certificate, sizeof fetch->next_certificate, cert_file);
    (void)wg_copy(fetch->next_key, sizeof fetch->next_key, key_file);
}

/* No thread reads them now. */
static void take_pair(struct fetch *fetch)
{
    if (!fetch->next_certificate[0]) return;
    (void)wg_copy(fetch->certificate, sizeof fetch->certificate, fetch->next_certificate);
    (void)wg_copy(fetch->key, sizeof fetch->key, fetch->next_key);
    fetch->next_certificate[0] = '\0';
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch) return;
    fetch_stop(fetch);
    (void)close(fetch->pipe[0]);
    (void)close(fetch->pipe[1]);
    free(fetch);
}

static void tell(struct fetch *fetch, const struct fetch_event *event)
{
    /* a full pipe loses progress only: it holds far more events than one fetch has endings */
    if (write(fetch->pipe[1], event, sizeof *event) < 0) return;
}

static void tell_progress(struct fetch *fetch)
{
    wg_time now = wg_monotonic();
    if (now < fetch->told_at + PROGRESS_EVERY) return;
    fetch->told_at = now;
    struct fetch_event event = {.kind = FETCH_PROGRESS,
                                .done = fetch->done + fetch->part.at,
                                .total = fetch->done + fetch->part.length + fetch->coming};
    tell(fetch, &event);
}

static void tell_failed(struct fetch *fetch, enum wg_cause cause, bool fatal, const char *text)
{
    struct fetch_event event = {
        .kind = FETCH_FAILED, .cause = cause, .fatal = fatal, .refused = fetch->bring.refused};
    (void)wg_copy(event.text, sizeof event.text, text);
    tell(fetch, &event);
}

static void tell_later(struct fetch *fetch, const char *text)
{
    struct fetch_event event = {.kind = FETCH_LATER, .delay = fetch->bring.settings->metered_retry};
    (void)wg_copy(event.text, sizeof event.text, text);
    tell(fetch, &event);
}

static void on_bytes(void *ctx, size_t len)
{
    struct fetch *fetch = ctx;
    fetch->fetched += (int64_t)len;
    tell_progress(fetch);
}

static bool bring_missing(struct fetch *fetch, struct wg_error *err)
{
    const struct https_config config = {.ca_file = fetch->ca,
                                        .cert_file = fetch->certificate,
                                        .key_file = fetch->key,
                                        .pins = fetch->pins,
                                        .cancel = &fetch->cancel};
    const struct bring_job job = {.config = &config,
                                  .order = &fetch->wanted,
                                  .part = &fetch->part,
                                  .stamps = fetch->stamps_file,
                                  .progress = on_bytes,
                                  .ctx = fetch};
    struct part *part = &fetch->part;
    if (bring_rest(&fetch->bring, &job, err)) return true;
    /* the artifact itself may be there all the same */
    if (part->at < part->length && fetch->form && err->code == WG_E_NOT_FOUND) part->wrong = true;
    return false;
}

/* The key under the artifact, from the order's header for this device. */
static bool unwrap(const struct fetch *fetch, const char *header, struct age_file_key *out,
                   struct wg_error *err)
{
    struct age_identity identity;
    if (!fetch->identity[0])
        return wg_fail(err, WG_E_VERIFY, "the artifact is encrypted, and there is no age key here");
    if (!identity_file_load(fetch->identity, &identity, err)) return false;
    bool ok = age_header_open(header, strlen(header), &identity, out, err);
    age_identity_clear(&identity);
    return ok || wg_context(err, "the header of the encrypted artifact");
}

static bool open_part(struct fetch *fetch, bool fresh, struct wg_error *err)
{
    struct age_file_key key;
    struct part_source source = {.slots = fetch->slots,
                                 .nonce_file = fetch->nonce_file,
                                 .mark_file = fetch->mark_file,
                                 .length = fetch->form ? fetch->form->length : fetch->order.length,
                                 .form = fetch->form,
                                 .base = fetch->base,
                                 .window_log = fetch->bring.settings->window_log,
                                 .cancel = &fetch->cancel};
    const char *header = fetch->place ? fetch->place->age : fetch->order.age;
    bool is_age = header[0] != '\0';
    if (is_age && !unwrap(fetch, header, &key, err)) {
        fetch->part.wrong = true;
        return false;
    }
    if (is_age) source.key = &key;
    bool ok = part_open(&fetch->part, &source, &fetch->release, fresh, err);
    age_file_key_clear(&key);
    return ok;
}

enum outcome { OUTCOME_GOOD, OUTCOME_OTHER_CONTENT, OUTCOME_FAILED };

static enum outcome try_once(struct fetch *fetch, bool fresh, struct wg_error *err)
{
    *err = (struct wg_error){0};
    fetch->part = (struct part){0};
    bool ok =
        open_part(fetch, fresh, err) && bring_missing(fetch, err) && part_end(&fetch->part, err);
    enum outcome outcome = ok                  ? OUTCOME_GOOD
                           : fetch->part.wrong ? OUTCOME_OTHER_CONTENT
                                               : OUTCOME_FAILED;
    if (outcome == OUTCOME_OTHER_CONTENT) part_remove(&fetch->part);
    part_close(&fetch->part);
    return outcome;
}

/* The form in hand, of each server that may have it. */
static enum outcome try_servers(struct fetch *fetch, struct wg_error *err)
{
    bring_start(&fetch->bring);
    enum outcome outcome = try_once(fetch, false, err);
    while (outcome == OUTCOME_OTHER_CONTENT && !atomic_load(&fetch->cancel) &&
           bring_wrong(&fetch->bring, fetch->part.resumed))
        outcome = try_once(fetch, true, err);
    return outcome;
}

static const struct wg_order_form *place_of(const struct fetch *fetch, const struct core_form *form)
{
    for (size_t i = 0; i < fetch->order.form_count; i++)
        if (strcmp(fetch->order.forms[i].sha256, form->sha256) == 0 &&
            (fetch->order.forms[i].age[0] != '\0') == form->is_age)
            return &fetch->order.forms[i];
    return NULL;
}

/* Patches before others, the smaller before the larger. */
static bool is_better(const struct core_form *form, const struct core_form *than)
{
    if (!than) return true;
    if ((form->from[0] != '\0') != (than->from[0] != '\0')) return form->from[0] != '\0';
    return form->length < than->length;
}

static bool can_use(struct fetch *fetch, const struct core_form *form)
{
    if (!form->from[0]) return true;
    return fetch->base_path[0] &&
           base_open(fetch->base_path, form->from_length, form->from, &fetch->cancel, &fetch->base);
}

/* The best form that is left, ready to be used; false: none, so the artifact itself. One that
 * cannot be used is given up on the way. */
static bool choose(struct fetch *fetch)
{
    const struct core_release *release = &fetch->offered;
    for (;;) {
        const struct core_form *best = NULL;
        for (size_t i = 0; i < release->form_count; i++)
            if (!fetch->given_up[fetch->number][i] && place_of(fetch, &release->forms[i]) &&
                is_better(&release->forms[i], best))
                best = &release->forms[i];
        fetch->form = best;
        fetch->place = best ? place_of(fetch, best) : NULL;
        if (!best || can_use(fetch, best)) return best != NULL;
        fetch->given_up[fetch->number][best - release->forms] = !atomic_load(&fetch->cancel);
        if (atomic_load(&fetch->cancel)) return false;
    }
}

static void want(struct fetch *fetch)
{
    const struct wg_order_form *place = fetch->place;
    struct wg_order *wanted = &fetch->wanted;
    *wanted = fetch->order;
    if (!place) return;
    (void)wg_copy(wanted->sha256, sizeof wanted->sha256, place->sha256);
    wanted->length = place->length;
    wanted->url_count = place->url_count;
    memcpy(wanted->urls, place->urls, sizeof wanted->urls);
}

/* Each form in turn, until one becomes what was ordered or the network is the reason that it does
 * not. */
static enum outcome try_forms(struct fetch *fetch, struct wg_error *err)
{
    enum outcome outcome = OUTCOME_FAILED;
    bool packed = true;
    while (packed && !atomic_load(&fetch->cancel)) {
        packed = choose(fetch);
        want(fetch);
        outcome = try_servers(fetch, err);
        base_close(&fetch->base);
        if (!packed || outcome != OUTCOME_OTHER_CONTENT) break;
        fetch->given_up[fetch->number][fetch->form - fetch->offered.forms] = true;
        wg_log(WG_LOG_WARN, "this form of the artifact is of no use, taking another", "sha256",
               fetch->form->sha256, "reason", err->text, NULL);
    }
    return outcome;
}

/* "came as a patch: 12 bytes fetched, 345 installed", "3 components came: ..." */
static void tell_done(struct fetch *fetch)
{
    struct fetch_event event = {.kind = FETCH_DONE,
                                .done = fetch->done,
                                .total = fetch->done,
                                .in_place = fetch->status.in_place};
    const char *form = !fetch->form ? "whole" : fetch->form->from[0] ? "as a patch" : "compressed";
    char came[64];
    size_t count = 0;
    int64_t installed = 0;
    for (size_t i = 0; i < fetch->members.count; i++) {
        count += fetch->needed[i];
        if (fetch->needed[i]) installed += fetch->members.releases[i].length;
    }
    (void)wg_format(came, sizeof came, "came %s", form);
    if (fetch->members.count > 1)
        (void)wg_format(came, sizeof came, "%zu of %zu components came", count,
                        fetch->members.count);
    (void)wg_format(event.text, sizeof event.text, "%s: %lld bytes fetched, %lld installed", came,
                    (long long)fetch->fetched, (long long)installed);
    tell(fetch, &event);
}

/* Each companion has files of its own: what is kept of one that came in part outlives another. */
static bool member_file(const struct fetch *fetch, const char *name, char out[PATH_MAX],
                        struct wg_error *err)
{
    char number[16] = "";
    if (fetch->number > 0) (void)wg_format(number, sizeof number, ".%zu", fetch->number);
    int len = snprintf(out, PATH_MAX, "%s%s", name, number);
    return (len >= 0 && len < PATH_MAX) || wg_fail(err, WG_E_LIMIT, "%s: too long", name);
}

static bool take_member(struct fetch *fetch, size_t at, struct wg_error *err)
{
    struct slot_backend *slots = fetch->slots;
    fetch->number = fetch->members.numbers[at];
    fetch->release = fetch->members.releases[at];
    wg_order_member(&fetch->ordered, fetch->number, &fetch->order);
    core_release_member(&fetch->brings, fetch->number, &fetch->offered);
    fetch->part = (struct part){0};
    fetch->form = NULL;
    fetch->coming -= fetch->order.length;
    /* without old content there are other forms */
    if (!slots->ops->base || !slots->ops->base(slots, &fetch->release, fetch->base_path, err))
        fetch->base_path[0] = '\0';
    return member_file(fetch, fetch->nonce, fetch->nonce_file, err) &&
           member_file(fetch, fetch->mark, fetch->mark_file, err) &&
           member_file(fetch, fetch->stamps, fetch->stamps_file, err);
}

/* What is whole already stays as it is. */
static enum outcome bring_member(struct fetch *fetch, size_t at, struct wg_error *err)
{
    const struct slot_backend_ops *ops = fetch->slots->ops;
    if (!take_member(fetch, at, err)) return OUTCOME_FAILED;
    if (ops->is_whole && ops->is_whole(fetch->slots, &fetch->release)) {
        fetch->done += fetch->order.length;
        return OUTCOME_GOOD;
    }
    enum outcome outcome = try_forms(fetch, err);
    if (outcome != OUTCOME_GOOD) return outcome;
    fetch->done += fetch->part.length;
    fetch->part.disk = ops->note_whole && !ops->note_whole(fetch->slots, &fetch->release, err);
    return fetch->part.disk ? OUTCOME_FAILED : OUTCOME_GOOD;
}

static enum outcome bring_members(struct fetch *fetch, struct wg_error *err)
{
    enum outcome outcome = OUTCOME_GOOD;
    fetch->done = fetch->coming = 0;
    for (size_t i = 0; i < fetch->members.count; i++) {
        size_t number = fetch->members.numbers[i];
        if (fetch->needed[i])
            fetch->coming +=
                number ? fetch->ordered.companions[number - 1].length : fetch->ordered.length;
    }
    for (size_t i = 0; outcome == OUTCOME_GOOD && i < fetch->members.count; i++)
        if (fetch->needed[i]) outcome = bring_member(fetch, i, err);
    if (outcome != OUTCOME_GOOD && fetch->members.count > 1)
        (void)wg_context(err, "%s", fetch->release.component);
    return outcome;
}

static void *run(void *ctx)
{
    struct fetch *fetch = ctx;
    struct wg_error err = {0};
    if (!slot_plan(fetch->slots, &fetch->status, fetch->members.releases, fetch->members.count,
                   fetch->needed, &err)) {
        tell_failed(fetch, WG_CAUSE_INSTALL, true, err.text);
        return NULL;
    }
    enum outcome outcome = bring_members(fetch, &err);
    if (outcome == OUTCOME_GOOD)
        tell_done(fetch);
    else if (outcome == OUTCOME_OTHER_CONTENT)
        tell_failed(fetch, WG_CAUSE_VERIFY, true, err.text);
    else if (!atomic_load(&fetch->cancel) && fetch->bring.metered)
        tell_later(fetch, err.text);
    else if (!atomic_load(&fetch->cancel))
        tell_failed(fetch, WG_CAUSE_DOWNLOAD, fetch->part.disk && !fetch->part.later, err.text);
    return NULL;
}

/* What was given up for one order may serve another; bytes are counted for each. */
static void begin_order(struct fetch *fetch, const struct wg_order *order)
{
    if (strcmp(fetch->given_up_for, order->id) == 0) return;
    (void)wg_copy(fetch->given_up_for, sizeof fetch->given_up_for, order->id);
    memset(fetch->given_up, 0, sizeof fetch->given_up);
    fetch->fetched = 0;
}

bool fetch_start(struct fetch *fetch, const struct wg_order *order,
                 const struct core_release *release, const struct slot_status *status,
                 struct wg_error *err)
{
    fetch_stop(fetch);
    take_pair(fetch);
    fetch->ordered = *order;
    fetch->brings = release ? *release : (struct core_release){.length = 0};
    fetch->status = status ? *status : (struct slot_status){.running = ""};
    members_init(&fetch->members, order, release);
    memset(&fetch->part, 0, sizeof fetch->part);
    fetch->told_at = 0;
    begin_order(fetch, order);
    atomic_store(&fetch->cancel, false);
    int code = pthread_create(&fetch->thread, NULL, run, fetch);
    if (code != 0) return wg_fail(err, WG_E_FAILED, "starting the download: %s", strerror(code));
    fetch->started = true;
    return true;
}

bool fetch_is_on(const struct fetch *fetch)
{
    return fetch->started;
}

void fetch_stop(struct fetch *fetch)
{
    struct fetch_event event;
    if (!fetch->started) return;
    atomic_store(&fetch->cancel, true);
    (void)pthread_join(fetch->thread, NULL);
    fetch->started = false;
    while (fetch_next(fetch, &event)) continue;
}

void fetch_forget(struct fetch *fetch)
{
    const char *const names[] = {fetch->nonce, fetch->mark, fetch->stamps};
    char path[PATH_MAX];
    fetch_stop(fetch);
    for (fetch->number = 0; fetch->number <= WG_COMPANIONS_MAX; fetch->number++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (member_file(fetch, names[i], path, NULL)) (void)unlink(path);
    fetch->number = 0;
}

int fetch_fd(const struct fetch *fetch)
{
    return fetch->pipe[0];
}

/* With the last event the thread ends: from then on the slots are the owner's again. */
bool fetch_next(struct fetch *fetch, struct fetch_event *out)
{
    if (read(fetch->pipe[0], out, sizeof *out) != (ssize_t)sizeof *out) return false;
    if (out->kind == FETCH_PROGRESS || !fetch->started) return true;
    (void)pthread_join(fetch->thread, NULL);
    fetch->started = false;
    return true;
}
