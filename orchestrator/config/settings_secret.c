/* settings_secret.c: a password from its file into libpq's form. */
#include "orchestrator/config/settings_secret.h"

#include "common/buf.h"
#include "common/posix/passphrase.h"
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

/* libpq: quotes and backslashes in a value are escaped by a backslash. */
static void quote(struct wg_buf *out, const char *text)
{
    wg_buf_text(out, " password='");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') wg_buf_char(out, '\\');
        wg_buf_char(out, *text);
    }
    wg_buf_text(out, "'");
}

/* Not sslpassword, which is that of the client's key. */
static bool has_password(const char *conninfo)
{
    static const char key[] = "password";
    for (const char *at = conninfo; (at = strstr(at, key)) != NULL; at++) {
        const char *behind = at + strlen(key);
        if ((at == conninfo || strchr(" \t\n", at[-1])) && behind[strspn(behind, " \t\n")] == '=')
            return true;
    }
    return false;
}

void settings_secret_check(struct yaml_doc *doc, const struct yaml_value *at, const char *conninfo)
{
    if (at && (!strchr(conninfo, '=') || strstr(conninfo, "://") || has_password(conninfo)))
        yaml_doc_problem(doc, at,
                         "database_secret: expected a database beside it like \"host=... "
                         "dbname=... user=...\", without a password");
}

bool settings_secret_add(const char *file, char *conninfo, size_t size, struct wg_error *err)
{
    const struct wg_passphrase_source source = {.file = file, .fd = -1};
    struct wg_passphrase password;
    struct wg_buf text;
    if (!file[0]) return true;
    if (!wg_passphrase_read(&source, "password of the database", &password, err))
        return wg_context(err, "database_secret");
    wg_buf_init(&text, size);
    wg_buf_text(&text, conninfo);
    quote(&text, password.text);
    bool ok = (!text.failed && wg_copy(conninfo, size, wg_buf_str(&text))) ||
              wg_fail(err, WG_E_LIMIT, "%s: too long", file);
    wg_passphrase_clear(&password);
    if (text.data) explicit_bzero(text.data, text.len);
    wg_buf_clear(&text);
    return ok;
}
