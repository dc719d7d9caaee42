/* repository.c: does what the TUF client asks for: files of the state folder, files of the server.
 */
#include "agent/posix/repository.h"

#include "agent/posix/https.h"
#include "common/p256.h"
#include "common/posix/file.h"
#include "common/posix/tuf_run.h"
#include "common/tuf/digest.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLICY "policy.json"

struct question {
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char *payload;
    size_t len;
    wg_time least;
};

struct repository {
    char url[WG_URL_MAX], root_file[PATH_MAX], folder[PATH_MAX];
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    char next_certificate[PATH_MAX], next_key[PATH_MAX]; /* "" as before */
    struct tls_pins *pins;
    const struct download_settings *download;
    int pipe[2]; /* a pointer for each answer */
    pthread_t thread;
    bool running, waits;
    atomic_bool cancel;
    struct question question, next;
    /* the thread's own: */
    struct tuf_run run;
    struct tuf_client *client;
    struct repository_event *event;
    bool has_policy;
    char policy_sha256[WG_SHA256_HEX]; /* of the policy that was told last */
};

static bool fetch(void *ctx, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err);

void repository_event_free(struct repository_event *event)
{
    if (!event) return;
    free(event->policy);
    free(event->payload);
    free(event);
}

static bool set_paths(struct repository *repository, const struct repository_config *config,
                      struct wg_error *err)
{
    bool fits =
        wg_copy(repository->url, sizeof repository->url, config->url) &&
        wg_copy(repository->root_file, sizeof repository->root_file, config->root_file) &&
        wg_copy(repository->ca, sizeof repository->ca, config->ca_file) &&
        wg_copy(repository->certificate, sizeof repository->certificate, config->cert_file) &&
        wg_copy(repository->key, sizeof repository->key, config->key_file);
    if (!fits) return wg_fail(err, WG_E_LIMIT, "repository: a path is too long");
    return wg_path_join(repository->folder, sizeof repository->folder, config->state, "tuf", err) &&
           wg_folder_make(repository->folder, 0700, err);
}

struct repository *repository_new(const struct repository_config *config, struct wg_error *err)
{
    struct repository *repository = calloc(1, sizeof *repository);
    if (!repository) {
        (void)wg_fail_memory(err, "preparing the repository");
        return NULL;
    }
    repository->pins = config->pins;
    repository->download = config->download;
    repository->run =
        (struct tuf_run){.folder = repository->folder, .fetch = fetch, .ctx = repository};
    if (!set_paths(repository, config, err) ||
        (pipe2(repository->pipe, O_CLOEXEC | O_NONBLOCK) != 0 &&
         !wg_fail_errno(err, "preparing the repository"))) {
        free(repository);
        return NULL;
    }
    return repository;
}

static void forget_question(struct question *question)
{
    free(question->payload);
    memset(question, 0, sizeof *question);
}

void repository_free(struct repository *repository)
{
    struct repository_event *event;
    if (!repository) return;
    repository->waits = false;
    atomic_store(&repository->cancel, true);
    if (repository->running) (void)pthread_join(repository->thread, NULL);
    repository->running = false;
    while ((event = repository_next(repository))) repository_event_free(event);
    forget_question(&repository->question);
    forget_question(&repository->next);
    (void)close(repository->pipe[0]);
    (void)close(repository->pipe[1]);
    free(repository);
}

/* From the server: bounded by the buffer. */

static bool on_begin(void *ctx, const struct https_head *head, struct wg_error *err)
{
    struct wg_buf *buf = ctx;
    if (head->start != 0)
        return wg_fail(err, WG_E_NETWORK, "the server answers with another range");
    return head->total <= (int64_t)buf->max ||
           wg_fail(err, WG_E_LIMIT, "the server has %lld bytes, %zu at most are expected",
                   (long long)head->total, buf->max);
}

static bool on_body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct wg_buf *buf = ctx;
    wg_buf_add(buf, data, len);
    return wg_buf_check(buf, err, "the answer");
}

/* *found false: it is not there. */
static bool get(struct repository *repository, const char *path, struct wg_buf *out, bool *found,
                struct wg_error *err)
{
    const struct https_config config = {.ca_file = repository->ca,
                                        .cert_file = repository->certificate,
                                        .key_file = repository->key,
                                        .pins = repository->pins,
                                        .settings = repository->download,
                                        .cancel = &repository->cancel};
    const struct https_sink sink = {.begin = on_begin, .body = on_body, .ctx = out};
    struct wg_error problem = {0};
    char url[WG_URL_MAX + 256];
    if (!wg_format(url, sizeof url, "%s/%s", repository->url, path))
        return wg_fail(err, WG_E_LIMIT, "%s: the address is too long", path);
    const struct https_request request = {.url = url};
    *found = https_get(&config, &request, &sink, NULL, &problem);
    if (*found || problem.code == WG_E_NOT_FOUND) return true;
    *err = problem;
    return false;
}

static bool fetch(void *ctx, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err)
{
    char path[TUF_FILE_NAME_MAX + 16];
    (void)wg_format(path, sizeof path, "metadata/%s", name);
    return get(ctx, path, out, found, err);
}

/* Bytes of a small target: those that are kept already, when they are still the ones. */
static bool bring(struct repository *repository, const struct tuf_target *target,
                  struct wg_buf *out, struct wg_error *err)
{
    struct wg_error old = {0};
    char path[TUF_HASH_HEX + sizeof POLICY + 16];
    bool found = false;
    if (tuf_run_load(&repository->run, POLICY, out, &found, &old) && found &&
        tuf_digest_check(target->hashes, out->data, out->len, &old))
        return true;
    out->len = 0;
    const char *prefix = tuf_digest_prefix(target->hashes);
    bool named = prefix && tuf_client_is_consistent(repository->client);
    (void)wg_format(path, sizeof path, "targets/%s%s" POLICY, named ? prefix : "",
                    named ? "." : "");
    if (!get(repository, path, out, &found, err)) return false;
    if (!found) return wg_fail(err, WG_E_NOT_FOUND, "the repository does not give out " POLICY);
    return tuf_digest_check(target->hashes, out->data, out->len, err) &&
           tuf_run_store(&repository->run, POLICY, out->data, out->len, err);
}

static bool read_policy(struct repository *repository, const struct wg_buf *bytes,
                        struct wg_error *err)
{
    struct repository_event *event = repository->event;
    char sha256[WG_SHA256_HEX];
    if (!wg_sha256_of(bytes->data, bytes->len, sha256, err)) return false;
    if (repository->has_policy && strcmp(sha256, repository->policy_sha256) == 0) return true;
    event->policy = malloc(sizeof *event->policy);
    if (!event->policy) return wg_fail_memory(err, "reading the policy");
    if (!trust_policy_read(wg_buf_str(bytes), bytes->len, event->policy, err)) {
        free(event->policy);
        event->policy = NULL;
        return false;
    }
    repository->has_policy = true;
    (void)wg_copy(repository->policy_sha256, sizeof repository->policy_sha256, sha256);
    return true;
}

/* Without a policy nobody may approve: the core says so when it matters. */
static bool ask_policy(struct repository *repository, struct wg_error *err)
{
    const struct tuf_target *target = NULL;
    struct wg_buf bytes;
    if (!tuf_run_find(&repository->run, repository->client, POLICY, &target, err)) return false;
    if (!target) return true;
    wg_buf_init(&bytes, TRUST_POLICY_MAX);
    bool ok = bring(repository, target, &bytes, err) && read_policy(repository, &bytes, err);
    wg_buf_clear(&bytes);
    return ok || wg_context(err, POLICY);
}

/* Forms that cannot be read, or that are of something else, are as good as not there. */
static bool ask_forms(struct repository *repository, struct release_facts *facts,
                      struct wg_error *err)
{
    const struct tuf_target *target = NULL;
    char path[WG_NAME_MAX + WG_VERSION_MAX + WG_NAME_MAX + 8];
    for (size_t i = 0; i < facts->form_name_count; i++) {
        struct release_form form = {.kind = RELEASE_ZSTD};
        struct wg_error why = {0};
        (void)wg_format(path, sizeof path, "%s/%s/%s", facts->component, facts->version,
                        facts->form_names[i]);
        if (!tuf_run_find(&repository->run, repository->client, path, &target, err)) return false;
        const char *sha256 =
            target ? json_string_value(json_object_get(target->hashes, "sha256")) : NULL;
        if (!sha256 || !target->custom ||
            !wg_copy(form.target.sha256, sizeof form.target.sha256, sha256))
            continue;
        form.target.length = target->length;
        if (release_form_read(target->custom, &form, &why))
            (void)release_facts_add_form(facts, &form);
    }
    return true;
}

static bool ask_release(struct repository *repository, const char *component, const char *version,
                        struct release_facts *facts, bool *found, struct wg_error *err)
{
    const struct tuf_target *target = NULL;
    char path[WG_NAME_MAX + WG_VERSION_MAX + 16];
    *found = false;
    (void)wg_format(path, sizeof path, "%s/%s/artifact", component, version);
    if (!tuf_run_find(&repository->run, repository->client, path, &target, err)) return false;
    const char *sha256 =
        target ? json_string_value(json_object_get(target->hashes, "sha256")) : NULL;
    if (!sha256 || !wg_copy(facts->sha256, sizeof facts->sha256, sha256)) return true;
    facts->length = target->length;
    *found = target->custom && release_facts_read(target->custom, facts, err);
    if (!*found) return wg_context(err, "%s", path);
    return ask_forms(repository, facts, err);
}

static bool ask_releases(struct repository *repository, struct wg_error *err)
{
    const struct question *question = &repository->question;
    struct repository_event *event = repository->event;
    if (!question->component[0]) return true;
    if (!ask_release(repository, question->component, question->version, &event->facts,
                     &event->found, err))
        return false;
    for (size_t i = 0; i < event->facts.companion_count; i++) {
        const struct wg_component *companion = &event->facts.companions[i];
        bool found;
        if (!ask_release(repository, companion->name, companion->version, &event->companions[i],
                         &found, err))
            return false;
    }
    return true;
}

static bool ask_all(struct repository *repository, struct wg_error *err)
{
    struct tuf_limits limits = tuf_limits_default();
    repository->client = tuf_client_new(&limits, repository->question.least, err);
    bool ok = repository->client && tuf_run_plant(&repository->run, repository->root_file, err) &&
              tuf_run_go(&repository->run, repository->client, err);
    if (ok) repository->event->issued = tuf_client_issued(repository->client);
    ok = ok && ask_policy(repository, err) && ask_releases(repository, err);
    tuf_client_free(repository->client);
    repository->client = NULL;
    return ok;
}

static void *run(void *ctx)
{
    struct repository *repository = ctx;
    struct repository_event *event = repository->event;
    struct wg_error err = {0};
    event->ok = ask_all(repository, &err);
    wg_p256_rest();
    if (!event->ok)
        (void)wg_format(event->text, sizeof event->text, "the repository: %s", err.text);
    /* the pipe holds far more pointers than the one that there can be */
    if (write(repository->pipe[1], &event, sizeof event) != (ssize_t)sizeof event)
        repository_event_free(event);
    return NULL;
}

void repository_set_pair(struct repository *repository, const char *cert_file, const char *key_file)
{
    (void)wg_copy(repository->next_certificate, sizeof repository->next_certificate, cert_file);
    (void)wg_copy(repository->next_key, sizeof repository->next_key, key_file);
}

/* No thread reads them now. */
static void take_pair(struct repository *repository)
{
    if (!repository->next_certificate[0]) return;
    (void)wg_copy(repository->certificate, sizeof repository->certificate,
                  repository->next_certificate);
    (void)wg_copy(repository->key, sizeof repository->key, repository->next_key);
    repository->next_certificate[0] = '\0';
}

static bool start(struct repository *repository, struct wg_error *err)
{
    take_pair(repository);
    struct repository_event *event = calloc(1, sizeof *event);
    if (!event) return wg_fail_memory(err, "asking the repository");
    event->payload = repository->question.payload;
    event->len = repository->question.len;
    repository->question.payload = NULL;
    repository->event = event;
    int code = pthread_create(&repository->thread, NULL, run, repository);
    if (code != 0) {
        repository_event_free(event);
        return wg_fail(err, WG_E_FAILED, "asking the repository: %s", strerror(code));
    }
    repository->running = true;
    return true;
}

bool repository_ask(struct repository *repository, const char *component, const char *version,
                    const char *payload, size_t len, wg_time least, struct wg_error *err)
{
    struct question question = {.len = len, .least = least};
    if (component) (void)wg_copy(question.component, sizeof question.component, component);
    if (version) (void)wg_copy(question.version, sizeof question.version, version);
    if (payload) {
        question.payload = malloc(len + 1);
        if (!question.payload) return wg_fail_memory(err, "asking the repository");
        memcpy(question.payload, payload, len);
        question.payload[len] = '\0';
    }
    struct question *to = repository->running ? &repository->next : &repository->question;
    repository->waits = repository->running;
    forget_question(to);
    *to = question;
    return repository->running || start(repository, err);
}

int repository_fd(const struct repository *repository)
{
    return repository->pipe[0];
}

struct repository_event *repository_next(struct repository *repository)
{
    struct repository_event *event = NULL;
    if (read(repository->pipe[0], &event, sizeof event) != (ssize_t)sizeof event) return NULL;
    if (repository->running) (void)pthread_join(repository->thread, NULL);
    repository->running = false;
    if (!repository->waits) return event;
    struct wg_error err = {0};
    forget_question(&repository->question);
    repository->question = repository->next;
    memset(&repository->next, 0, sizeof repository->next);
    repository->waits = false;
    /* what cannot be asked now is asked again when the order comes again */
    (void)start(repository, &err);
    return event;
}
