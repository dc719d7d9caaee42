/* token_session.c: calls the PKCS#11 module by itself, with wolfSSL's header. wolfCrypt 5.5.4 would
 * sign with RSA and ECDSA only, find tokens by the beginning of their name, and open a module once.
 *
 * A module stays loaded and initialised until the process ends: other keys may be in it. */
#include "common/posix/token_session.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* Of PKCS#11 2.40; not in wolfSSL's header. */
#define CKR_PIN_INCORRECT_2 0xa0UL
#define CKR_PIN_LOCKED_2 0xa4UL
#define CKR_USER_ALREADY_LOGGED_IN_2 0x100UL
#define CKR_CRYPTOKI_ALREADY_INITIALIZED_2 0x191UL

#define SLOTS_MAX 64

bool wg_token_fail(struct wg_error *err, const char *what, CK_RV code)
{
    return wg_fail(err, WG_E_IO, "the token: %s (PKCS#11 error 0x%lx)", what, (unsigned long)code);
}

/* Fields of CK_TOKEN_INFO are padded with blanks, without NUL. */
static bool field_is(const CK_UTF8CHAR *field, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len == 0) return true;
    if (len > size || memcmp(field, text, len) != 0) return false;
    while (len < size && field[len] == ' ') len++;
    return len == size;
}

static bool list_slots(CK_FUNCTION_LIST *call, CK_SLOT_ID slots[SLOTS_MAX], CK_ULONG *count,
                       struct wg_error *err)
{
    CK_ULONG there = 0;
    /* without a list, a module looks anew what is plugged in (section 5.5) */
    CK_RV code = call->C_GetSlotList(CK_TRUE, NULL, &there);
    *count = SLOTS_MAX;
    if (code == CKR_OK) code = call->C_GetSlotList(CK_TRUE, slots, count);
    return code == CKR_OK || wg_token_fail(err, "listing the tokens", code);
}

static bool find_slot(CK_FUNCTION_LIST *call, const struct wg_token_uri *uri, CK_SLOT_ID *out,
                      struct wg_error *err)
{
    CK_SLOT_ID slots[SLOTS_MAX] = {0};
    CK_ULONG count = 0, found = 0;
    if (!list_slots(call, slots, &count, err)) return false;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (call->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
            !field_is(info.label, sizeof info.label, uri->token) ||
            !field_is((const CK_UTF8CHAR *)info.serialNumber, sizeof info.serialNumber,
                      uri->serial))
            continue;
        *out = slots[i];
        found++;
    }
    if (found == 1) return true;
    return found == 0 ? wg_fail(err, WG_E_NOT_FOUND,
                                "no token \"%s\" is there: see pkcs11-tool --module %s -L",
                                uri->token, uri->module)
                      : wg_fail(err, WG_E_CONFLICT,
                                "%lu tokens fit: say which, by token= and serial=", found);
}

static bool login_failed(const struct wg_token_uri *uri, CK_RV code, struct wg_error *err)
{
    if (code == CKR_PIN_INCORRECT_2)
        return wg_fail(err, WG_E_DENIED, "the token: wrong PIN%s%s: a token locks after a few",
                       uri->pin_file[0] ? " in " : "", uri->pin_file);
    if (code == CKR_PIN_LOCKED_2)
        return wg_fail(err, WG_E_DENIED,
                       "the token: the PIN is locked after wrong tries: its security officer can "
                       "set another");
    return wg_token_fail(err, "logging in", code);
}

static bool log_in(struct wg_token_session *session, const struct wg_token_uri *uri,
                   const struct wg_passphrase_source *given, struct wg_error *err)
{
    struct wg_passphrase pin;
    struct wg_passphrase_source source = *given;
    char what[WG_TOKEN_TEXT_MAX + 32];
    (void)snprintf(what, sizeof what, "PIN of token %s", uri->token);
    if (uri->pin_file[0]) source = (struct wg_passphrase_source){.file = uri->pin_file, .fd = -1};
    if (!source.file && source.fd < 0 && !source.ask)
        return wg_fail(err, WG_E_DENIED, "the %s is needed: add pin-source=file:/PATH to the URI",
                       what);
    if (!wg_passphrase_read(&source, what, &pin, err)) return false;
    CK_RV code =
        session->call->C_Login(session->handle, CKU_USER, (CK_UTF8CHAR_PTR)pin.text, pin.len);
    wg_passphrase_clear(&pin);
    /* another key of the same token is open already */
    return code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN_2 || login_failed(uri, code, err);
}

static bool load_module(const char *path, CK_FUNCTION_LIST **out)
{
    union {
        void *symbol;
        CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR list);
    } entry = {NULL};
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library) entry.symbol = dlsym(library, "C_GetFunctionList");
    return entry.symbol && entry.get(out) == CKR_OK && *out;
}

static bool start_module(struct wg_token_session *session, const char *path, struct wg_error *err)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    if (!load_module(path, &session->call))
        return wg_fail(err, WG_E_NOT_FOUND,
                       "the PKCS#11 module %s cannot be loaded: name it by module-path= in the URI",
                       path);
    CK_RV code = session->call->C_Initialize(&args);
    return code == CKR_OK || code == CKR_CRYPTOKI_ALREADY_INITIALIZED_2 ||
           wg_fail(err, WG_E_IO,
                   "the PKCS#11 module %s does not start (error 0x%lx): is it set up?", path,
                   (unsigned long)code);
}

bool wg_token_session_open(struct wg_token_session *session, const struct wg_token_uri *uri,
                           const struct wg_passphrase_source *pin, bool to_write,
                           struct wg_error *err)
{
    CK_SLOT_ID slot = 0;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (to_write ? CKF_RW_SESSION : 0);
    *session = (struct wg_token_session){.opened = false};
    if (!start_module(session, uri->module, err) || !find_slot(session->call, uri, &slot, err))
        return false;
    CK_RV code = session->call->C_OpenSession(slot, flags, NULL, NULL, &session->handle);
    session->opened = code == CKR_OK;
    if (!session->opened) return wg_token_fail(err, "opening a session", code);
    return log_in(session, uri, pin, err);
}

void wg_token_session_close(struct wg_token_session *session)
{
    /* the last session of a token takes the login along */
    if (session->opened) (void)session->call->C_CloseSession(session->handle);
    session->opened = false;
}

void wg_token_module_end(const struct wg_token_uri *uri)
{
    CK_FUNCTION_LIST *call = NULL;
    if (load_module(uri->module, &call)) (void)call->C_Finalize(NULL);
}

static bool count_objects(const struct wg_token_session *session, CK_ATTRIBUTE *want,
                          CK_ULONG wanted, CK_OBJECT_HANDLE found[2], CK_ULONG *count,
                          struct wg_error *err)
{
    *count = 0;
    CK_RV code = session->call->C_FindObjectsInit(session->handle, want, wanted);
    if (code == CKR_OK) {
        code = session->call->C_FindObjects(session->handle, found, 2, count);
        (void)session->call->C_FindObjectsFinal(session->handle);
    }
    return code == CKR_OK || wg_token_fail(err, "looking for the key", code);
}

static const char *kind_text(CK_OBJECT_CLASS class)
{
    return class == CKO_PRIVATE_KEY ? "private" : class == CKO_PUBLIC_KEY ? "public" : "secret";
}

bool wg_token_session_find(const struct wg_token_session *session, const struct wg_token_uri *uri,
                           CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out, struct wg_error *err)
{
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0, others = 0, wanted = 1;
    char label[WG_TOKEN_TEXT_MAX];
    uint8_t id[WG_TOKEN_TEXT_MAX];
    const char *kind = kind_text(class);
    memcpy(label, uri->object, sizeof label);
    memcpy(id, uri->id, sizeof id);
    CK_ATTRIBUTE want[3] = {{CKA_CLASS, &class, sizeof class}};
    if (label[0]) want[wanted++] = (CK_ATTRIBUTE){CKA_LABEL, label, strlen(label)};
    if (uri->id_len > 0) want[wanted++] = (CK_ATTRIBUTE){CKA_ID, id, uri->id_len};
    if (!count_objects(session, want, wanted, found, &count, err)) return false;
    if (count == 0 && !count_objects(session, want + 1, wanted - 1, found, &others, err))
        return false;
    if (others > 0)
        return wg_fail(err, WG_E_USAGE, "in token %s, \"%s\" is another kind of object, no %s key",
                       uri->token, uri->object, kind);
    if (count == 0)
        return wg_fail(err, WG_E_NOT_FOUND, "token %s holds no %s key \"%s\"", uri->token, kind,
                       uri->object);
    if (count > 1)
        return wg_fail(err, WG_E_CONFLICT,
                       "token %s holds several %s keys \"%s\": add id=", uri->token, kind,
                       uri->object);
    *out = found[0];
    return true;
}
