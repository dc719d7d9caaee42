/* redact_test.c: what is taken out of logs, what stays, and that a cut lets nothing slip through.
 */
#include "common/redact.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S "Zq7Xw9Kp4Vn2Tb8Rm3Lc6Hd1" /* what must not be there afterwards */
#define BODY                                                                                       \
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZq7Xw9Kp4Vn2Tb\n"                          \
    "q8Rm3Lc6Hd1ggSjAgEAAoIBAQDZq7Xw9Kp4Vn2TbMIIEvQIBADANBgkqhkiG9w0BA\n"                          \
    "Zq7Xw9Kp4Vn2Tb8Rm3Lc6Hd1Q==\n"

static struct wg_error err;

static char *redacted(const char *text, size_t len, bool cut)
{
    struct wg_buf out;
    wg_buf_init(&out, (size_t)1 << 20);
    ASSERT_OK(wg_redact(text, len, cut, &out, &err), &err);
    char *copy = strdup(wg_buf_str(&out));
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    wg_buf_clear(&out);
    return copy;
}

/* Is there a piece of six bytes of the secret? */
static bool leaks(const char *text)
{
    char piece[7] = "";
    for (size_t i = 0; i + 6 < sizeof S; i++) {
        memcpy(piece, &S[i], 6);
        if (strstr(text, piece)) return true;
    }
    return false;
}

static const char *const secrets[] = {
    "-----BEGIN PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" BODY
    "-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n" BODY "-----END OPENSSH PRIVATE KEY-----",
    "key is \"-----BEGIN EC PRIVATE KEY-----\\nMHc" S "\\n-----END EC PRIVATE KEY-----\"",
    "[12.1] -----BEGIN PRIVATE KEY-----\n[12.2] " S "\n[12.3] -----END PRIVATE KEY-----",
    BODY "-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n" BODY,
    "AGE-SECRET-KEY-1" S "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ\n" S,
    "age-secret-key-1" S,
    "https://user:" S "@host/path",
    "https://" S "@host/path",
    "postgres://wavegate:p/" S "@db:5432/x",
    "mqtts://dev:" S "@h:8883",
    "GET https://cdn/artifacts/ab?d=dev-1&e=17&b=4&k=k1&m=" S " 403",
    "https://s3/x?X-Amz-Signature=" S "&y",
    "https://h/cb#access_token=" S,
    "https://user:" S,
    "Authorization: Bearer " S,
    "authorization:Basic " S,
    "Authorization: Digest username=\"x\",\n   response=\"" S "\"",
    "{\"Authorization\": \"Bearer " S "\"}",
    "curl -H 'Authorization: Bearer " S "' https://x",
    "Proxy-Authorization: " S,
    "Cookie: a=b; sid=" S,
    "Set-Cookie: s=" S "; Path=/",
    "X-Auth-Token: " S,
    "x-api-key: " S,
    "bearer " S,
    "password=" S,
    "PASSWORD = \"correct horse " S "\"",
    "password: correct horse " S,
    "db_password='a b " S "'",
    "DB_PASSWORD=" S " ./run",
    "userPassword:" S,
    "passwd=" S,
    "pwd=" S,
    "pass=" S,
    "wifiPsk=" S,
    "psk=\"" S "\"",
    "pin=" S,
    "PIN: " S,
    "sim_pin2=" S,
    "secret=" S,
    "client-secret => " S,
    "secret := " S,
    "token=" S,
    "token: |\n  line one\n  " S "\nafter",
    "token:\n" S,
    "token:\ncorrect horse, " S,
    "token=\\\n" S,
    "token=abc\\\n" S,
    "tokens: [\"a\", \"" S "\"]",
    "{\"token\":\"a\\\"" S "\"}",
    "msg=\"{\\\"token\\\":\\\"a " S "\\\"}\"",
    "\x1b[31mpassword\x1b[0m=\x1b[1m" S,
    "password\t=\t" S,
    "password\r\n=" S "\rpassword=" S,
    "--password " S,
    "--token=" S,
    "the password is " S,
    "aws_secret_access_key = " S "/abc",
    "AWS_SESSION_TOKEN=" S,
    "api_key=" S,
    "private key: " S,
    "privateExponent:\n    00:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:\n    " S,
    "key " S,
    "key: " S,
    "key=0x" S,
    "session key (hex) " S,
    "sig=" S,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." S,
    "ghp_" S,
    "wgt_" S,
    "wgs_" S,
    "wgo_" S,
    "wgi_" S,
    "wgb_" S,
    "glpat-" S,
    "0123456789" S "0123456789",
};

static void no_secret_is_left(void)
{
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        char *text = redacted(secrets[i], strlen(secrets[i]), false);
        if (leaks(text)) ASSERT_TEXT(text, secrets[i]);
        CU_ASSERT_FALSE(leaks(text));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, WG_REDACTED));
        char *again = redacted(text, strlen(text), false);
        ASSERT_TEXT(again, text);
        free(again);
        free(text);
    }
}

/* Whatever else was printed in between. */
static void a_key_without_end_hides_the_rest(void)
{
    static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
                              "[1] some words of a log that came in between, and a few more\n"
                              "[2] " S " and so on";
    char *text = redacted(key, strlen(key), false);
    ASSERT_TEXT(text, "-----BEGIN PRIVATE KEY[removed]");
    free(text);
}

/* The text begins anywhere, as a ring does, or ends anywhere. */
static void a_cut_lets_nothing_through(void)
{
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        char whole[2048];
        int len =
            snprintf(whole, sizeof whole, "started\n%s\nended\nby itself at 12:00\n", secrets[i]);
        for (size_t from = 1; from < (size_t)len; from++) {
            char *text = redacted(whole + from, (size_t)len - from, true);
            if (leaks(text)) printf("\n    from %zu of %s\n", from, secrets[i]);
            CU_ASSERT_FALSE(leaks(text));
            free(text);
        }
    }
}

static void what_is_hidden_reads_well(void)
{
    static const char *const rows[][2] = {
        {"user=joe password=x7 host=h", "user=joe password=[removed] host=h"},
        {"https://u:p@h:80/a?b=c d", "https://[removed]@h:80/a?[removed] d"},
        {"{\"pin\": \"1234\", \"a\": 1}", "{\"pin\": [removed] \"a\": 1}"},
        {"Cookie: a=b\nnext", "Cookie: [removed]\nnext"},
        {"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\nok",
         "-----BEGIN PRIVATE KEY[removed]END PRIVATE KEY-----\nok"},
        {"AKIAIOSFODNN7EXAMPLE used", "[removed] used"},
        {"Enter token:\nabc\ndone", "Enter token:\n[removed]\ndone"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = redacted(rows[i][0], strlen(rows[i][0]), false);
        ASSERT_TEXT(text, rows[i][1]);
        free(text);
    }
}

static void the_rest_stays(void)
{
    static const char *const rows[] = {
        "",
        "2026-11-21T18:00:00.000Z level=info msg=\"order sent\" device=dev-01 phase=probation\n",
        "health: brakes squeal, pressure 4.1 bar at 12:00:01\n",
        "spinning: ok, passing: 3, mapping=4, opinion: none, compass=north\n",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
        "order 0b0e7a52-6a5e-4d21-9f7d-0a4a4d1b1c11 of campaign brake-2.4.1\n",
        "/usr/lib/x86_64-linux-gnu/libWavegate2/Slots/Payload\n",
        "https://cdn.example:8443/artifacts/x.bin\n",
        "Gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac\n",
        "-----BEGIN CERTIFICATE-----\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = redacted(rows[i], strlen(rows[i]), false);
        ASSERT_TEXT(text, rows[i]);
        free(text);
    }
}

static void a_cut_beginning_goes(void)
{
    static const char cut[] = "half a line\nanother\nQUJD\n  folded\nwhole line\nlast";
    char *text = redacted(cut, strlen(cut), true);
    ASSERT_TEXT(text, "[removed]\nwhole line\nlast");
    free(text);
    text = redacted("no end", 6, true);
    ASSERT_TEXT(text, "[removed]");
    free(text);
    text = redacted("", 0, true);
    ASSERT_TEXT(text, "");
    free(text);
}

static void it_becomes_utf8_without_controls(void)
{
    static const char bytes[] = "a\0b\x1b]0;x\x07\xff\xc3+\r\nc\x1b[1;31md\x7f";
    char *text = redacted(bytes, sizeof bytes - 1, false);
    ASSERT_TEXT(text, "a?b?]0;x???+\ncd?");
    free(text);
}

static void without_room_it_says_so(void)
{
    struct wg_buf out;
    wg_buf_init(&out, 4);
    CU_ASSERT_FALSE(wg_redact("more than four", 14, false, &out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    wg_buf_clear(&out);
}

WG_SUITE("redact", {"no secret is left", no_secret_is_left},
         {"a key without end hides the rest", a_key_without_end_hides_the_rest},
         {"a cut lets nothing through", a_cut_lets_nothing_through},
         {"what is hidden reads well", what_is_hidden_reads_well},
         {"the rest stays", the_rest_stays}, {"a cut beginning goes", a_cut_beginning_goes},
         {"it becomes UTF-8 without controls", it_becomes_utf8_without_controls},
         {"without room it says so", without_room_it_says_so})
