/* token_turn.c: open, do, close, under one lock. */
#include "common/posix/token_turn.h"

#include "common/posix/token_key.h"
#include "common/posix/token_session.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#define CKM_EC_EDWARDS_KEY_PAIR_GEN_3 0x1055UL /* of PKCS#11 3.0; not in wolfSSL's header */
#define CKM_EC_KEY_PAIR_GEN_2 0x1040UL

/* PKCS#11 has one state of login for a process: no two of us may open and close at once. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const struct wg_passphrase_source nobody = {.fd = -1};

/* The PIN file that the token refused, as it was then; under the lock. Tokens lock after a few
 * wrong tries, and who asks comes again and again. */
static struct {
    ino_t file;
    struct timespec changed;
} refused;

static bool pin_file(const struct wg_token_uri *uri, struct stat *out)
{
    return uri->pin_file[0] && stat(uri->pin_file, out) == 0;
}

static bool was_refused(const struct wg_token_uri *uri)
{
    struct stat now;
    return pin_file(uri, &now) && now.st_ino == refused.file &&
           now.st_mtim.tv_sec == refused.changed.tv_sec &&
           now.st_mtim.tv_nsec == refused.changed.tv_nsec;
}

static void remember_refused(const struct wg_token_uri *uri)
{
    struct stat now;
    if (!pin_file(uri, &now)) return;
    refused.file = now.st_ino;
    refused.changed = now.st_mtim;
}

typedef bool (*deed_fn)(const char *uri, void *ctx, struct wg_error *err);

/* A module that has lost its token often finds it again only when it begins anew. */
static bool take_turn(const char *uri, deed_fn deed, void *ctx, struct wg_error *err)
{
    struct wg_error first = {0};
    struct wg_token_uri parsed;
    if (!wg_token_uri_parse(uri, &parsed, err)) return false;
    (void)pthread_mutex_lock(&turn);
    if (was_refused(&parsed)) {
        (void)pthread_mutex_unlock(&turn);
        return wg_fail(err, WG_E_DENIED, "the token: the PIN in %s was refused: write another",
                       parsed.pin_file);
    }
    bool ok = deed(uri, ctx, &first);
    if (!ok && first.code == WG_E_DENIED) remember_refused(&parsed);
    if (!ok && (first.code == WG_E_NOT_FOUND || first.code == WG_E_IO)) {
        wg_token_module_end(&parsed);
        first = (struct wg_error){0};
        ok = deed(uri, ctx, &first);
    }
    (void)pthread_mutex_unlock(&turn);
    if (!ok && err) *err = first;
    return ok;
}

struct signing {
    const void *data;
    size_t len;
    bool is_digest;
    uint8_t *out;
    size_t *out_len;
    struct wg_identity_public *public_key;
};

static bool look(const char *uri, void *ctx, struct wg_error *err)
{
    struct wg_token_key *key = wg_token_key_open(uri, &nobody, err);
    if (key) *(struct wg_identity_public *)ctx = *wg_token_key_public(key);
    wg_token_key_free(key);
    return key != NULL;
}

bool token_turn_has(struct wg_error *err)
{
    (void)err;
    return true;
}

bool token_turn_public(const char *uri, struct wg_identity_public *out, struct wg_error *err)
{
    return take_turn(uri, look, out, err);
}

static bool sign(const char *uri, void *ctx, struct wg_error *err)
{
    const struct signing *with = ctx;
    struct wg_token_key *key = wg_token_key_open(uri, &nobody, err);
    if (!key) return false;
    bool ok =
        with->is_digest
            ? wg_token_key_sign_digest(key, with->data, with->len, with->out, with->out_len, err)
            : wg_token_key_sign(key, with->data, with->len, with->out, with->out_len, err);
    if (with->public_key) *with->public_key = *wg_token_key_public(key);
    wg_token_key_free(key);
    return ok;
}

/* NOLINTBEGIN(readability-non-const-parameter): written to through the struct */
bool token_turn_sign(const char *uri, const void *data, size_t len,
                     uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    struct wg_identity_public public_key;
    struct signing with = {data, len, false, out, out_len, &public_key};
    return take_turn(uri, sign, &with, err) &&
           (wg_identity_verify(&public_key, data, len, out, *out_len, err) ||
            wg_context(err, "what was just signed"));
}

bool token_turn_sign_digest(const char *uri, const void *digest, size_t len,
                            uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                            struct wg_error *err)
{
    struct signing with = {digest, len, true, out, out_len, NULL};
    return take_turn(uri, sign, &with, err);
}
/* NOLINTEND(readability-non-const-parameter) */

static bool destroy_class(const struct wg_token_session *session, const struct wg_token_uri *uri,
                          CK_OBJECT_CLASS class, struct wg_error *err)
{
    CK_OBJECT_HANDLE object = 0;
    struct wg_error problem = {0};
    for (int i = 0; i < 8; i++) {
        if (!wg_token_session_find(session, uri, class, &object, &problem)) break;
        CK_RV code = session->call->C_DestroyObject(session->handle, object);
        if (code != CKR_OK) return wg_token_fail(err, "destroying a key", code);
    }
    /* what is left of that name is another kind of object */
    if (problem.code == WG_E_NOT_FOUND || problem.code == WG_E_USAGE) return true;
    if (err) *err = problem;
    return false;
}

static bool destroy_pair(const struct wg_token_session *session, const struct wg_token_uri *uri,
                         struct wg_error *err)
{
    return destroy_class(session, uri, CKO_PRIVATE_KEY, err) &&
           destroy_class(session, uri, CKO_PUBLIC_KEY, err);
}

static bool make_pair(const struct wg_token_session *session, const struct wg_token_uri *uri,
                      enum wg_identity_kind kind, struct wg_error *err)
{
    static uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static uint8_t ed25519[] = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
                                'd',  's',  '2', '5', '5', '1', '9'};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    char label[WG_TOKEN_TEXT_MAX];
    bool is_p256 = kind == WG_IDENTITY_P256;
    memcpy(label, uri->object, sizeof label);
    CK_MECHANISM mechanism = {is_p256 ? CKM_EC_KEY_PAIR_GEN_2 : CKM_EC_EDWARDS_KEY_PAIR_GEN_3, NULL,
                              0};
    CK_ATTRIBUTE public[] = {
        {CKA_EC_PARAMS, is_p256 ? p256 : ed25519, is_p256 ? sizeof p256 : sizeof ed25519},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_VERIFY, &yes, sizeof yes},
        {CKA_LABEL, label, strlen(label)}};
    CK_ATTRIBUTE secret[] = {{CKA_TOKEN, &yes, sizeof yes},     {CKA_PRIVATE, &yes, sizeof yes},
                             {CKA_SENSITIVE, &yes, sizeof yes}, {CKA_EXTRACTABLE, &no, sizeof no},
                             {CKA_SIGN, &yes, sizeof yes},      {CKA_LABEL, label, strlen(label)}};
    CK_OBJECT_HANDLE made[2];
    CK_RV code = session->call->C_GenerateKeyPair(
        session->handle, &mechanism, public, sizeof public / sizeof public[0], secret,
        sizeof secret / sizeof secret[0], &made[0], &made[1]);
    return code == CKR_OK || wg_token_fail(err, "making a key", code);
}

struct change {
    bool make;
    enum wg_identity_kind kind;
};

static bool change(const char *uri, void *ctx, struct wg_error *err)
{
    const struct change *with = ctx;
    struct wg_token_session session = {.opened = false};
    struct wg_token_uri parsed;
    if (!wg_token_uri_parse(uri, &parsed, err)) return false;
    if (!parsed.object[0] || parsed.id_len > 0)
        return wg_fail(err, WG_E_USAGE, "pkcs11 URI: expected object= and no id=");
    bool ok = wg_token_session_open(&session, &parsed, &nobody, true, err) &&
              destroy_pair(&session, &parsed, err) &&
              (!with->make || make_pair(&session, &parsed, with->kind, err));
    wg_token_session_close(&session);
    return ok;
}

bool token_turn_make(const char *uri, enum wg_identity_kind kind, struct wg_identity_public *out,
                     struct wg_error *err)
{
    struct change with = {true, kind};
    return take_turn(uri, change, &with, err) && token_turn_public(uri, out, err);
}

bool token_turn_destroy(const char *uri, struct wg_error *err)
{
    struct change with = {.make = false};
    return take_turn(uri, change, &with, err);
}
