/* identify.c: what stands in the headers and in TLS, asked of the database. */
#include "orchestrator/api/identify.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/posix/file_stamp.h"
#include "orchestrator/campaign/approval.h"
#include "orchestrator/store/sign_in.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define AUTHORITY_MAX ((size_t)1024 * 1024)
#define COOKIE_MAX 256

/* Which file it was. */
struct authority {
    const struct settings *settings;
    struct wg_file_stamp seen[2]; /* root, list; of authority_is_old()'s thread */
    pthread_rwlock_t lock;
    struct wg_buf root, crl;
};

static bool read_files(const struct settings *settings, struct wg_buf *root, struct wg_buf *crl,
                       struct wg_error *err)
{
    wg_buf_init(root, AUTHORITY_MAX);
    wg_buf_init(crl, AUTHORITY_MAX);
    return wg_file_read(settings->operators_root, root, err) &&
           (!settings->operators_crl[0] || wg_file_read(settings->operators_crl, crl, err));
}

struct authority *authority_new(const struct settings *settings, struct wg_error *err)
{
    struct authority *authority = calloc(1, sizeof *authority);
    if (!authority) {
        (void)wg_fail_memory(err, "the operators' authority");
        return NULL;
    }
    authority->settings = settings;
    (void)pthread_rwlock_init(&authority->lock, NULL);
    (void)authority_is_old(authority);
    if (read_files(settings, &authority->root, &authority->crl, err)) return authority;
    authority_free(authority);
    return NULL;
}

bool authority_is_old(struct authority *authority)
{
    bool root = wg_file_stamp_moved(authority->settings->operators_root, &authority->seen[0]);
    return wg_file_stamp_moved(authority->settings->operators_crl, &authority->seen[1]) || root;
}

void authority_free(struct authority *authority)
{
    if (!authority) return;
    wg_buf_clear(&authority->root);
    wg_buf_clear(&authority->crl);
    (void)pthread_rwlock_destroy(&authority->lock);
    free(authority);
}

bool authority_reload(struct authority *authority, struct wg_error *err)
{
    struct wg_buf root, crl;
    bool ok = read_files(authority->settings, &root, &crl, err);
    if (ok) {
        (void)pthread_rwlock_wrlock(&authority->lock);
        struct wg_buf old_root = authority->root, old_crl = authority->crl;
        authority->root = root;
        authority->crl = crl;
        (void)pthread_rwlock_unlock(&authority->lock);
        root = old_root;
        crl = old_crl;
    }
    wg_buf_clear(&root);
    wg_buf_clear(&crl);
    return ok;
}

struct signature_authority authority_lend(struct authority *authority)
{
    (void)pthread_rwlock_rdlock(&authority->lock);
    return (struct signature_authority){.root = wg_buf_str(&authority->root),
                                        .crl = authority->crl.len ? wg_buf_str(&authority->crl)
                                                                  : NULL};
}

void authority_give_back(struct authority *authority)
{
    (void)pthread_rwlock_unlock(&authority->lock);
}

static bool by_certificate(struct api_call *call, struct authority *authority, struct wg_error *err)
{
    struct operator_identity *who = calloc(1, sizeof *who);
    if (!who) return wg_fail_memory(err, "checking a certificate");
    const struct signature_authority pem = authority_lend(authority);
    bool ok = operator_check(call->request->chain, pem.root, pem.crl, who, err);
    authority_give_back(authority);
    if (ok) {
        (void)wg_copy(call->chain_name, sizeof call->chain_name, who->name);
        (void)wg_copy(call->chain_role, sizeof call->chain_role, who->role);
    } else if (err && err->code != WG_E_MEMORY) {
        err->code = WG_E_DENIED;
    }
    free(who);
    return ok && who_by_certificate(call->db, call->chain_name, call->chain_role, call->who, err);
}

/* What was shown holds no more: signing in again helps (401). */
static bool not_in(struct api_call *call, struct wg_error *err)
{
    char why[WG_ERROR_TEXT_MAX];
    if (!err || err->code != WG_E_DENIED) return false;
    (void)wg_copy(why, sizeof why, err->text);
    *err = (struct wg_error){0};
    (void)api_problem(call, 401, "sign-in", NULL, err, "%s", why);
    (void)http_answer_header(call->answer, "WWW-Authenticate", "Bearer realm=\"wavegate\"");
    return false;
}

static bool by_token(struct api_call *call, const char *header, struct wg_error *err)
{
    if (strncasecmp(header, "Bearer ", 7) != 0) {
        (void)wg_fail(err, WG_E_DENIED, "Authorization: expected \"Bearer wgt_...\"");
        return not_in(call, err);
    }
    header += 7;
    return who_by_token(call->db, header + strspn(header, " "), call->now, call->who, err) ||
           not_in(call, err);
}

static bool has_csrf(const struct api_call *call)
{
    const char *given = http_request_header(call->request, "X-CSRF-Token");
    return given && call->who->csrf[0] && token_same(given, call->who->csrf);
}

static bool by_session(struct api_call *call, const char *cookie, struct wg_error *err)
{
    if (!who_by_session(call->db, cookie, call->now, call->who, err)) return not_in(call, err);
    return !api_is_write(call) || has_csrf(call) ||
           api_problem(call, 403, "csrf", NULL, err,
                       "X-CSRF-Token is missing or not this session's: GET " API_PREFIX
                       "/me tells it");
}

bool api_identify(struct api_call *call, struct authority *authority, struct wg_error *err)
{
    char cookie[COOKIE_MAX];
    const char *header = http_request_header(call->request, "Authorization");
    if (header) return by_token(call, header, err);
    if (http_request_cookie(call->request, API_COOKIE, cookie, sizeof cookie)) {
        bool ok = by_session(call, cookie, err);
        explicit_bzero(cookie, sizeof cookie);
        return ok;
    }
    return !call->request->chain[0] || by_certificate(call, authority, err);
}
