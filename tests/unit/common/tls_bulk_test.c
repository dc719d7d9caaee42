/* tls_bulk_test.c: two sessions of real TLS over a pair of sockets, with records counted on the
 * way. */
#include "common/posix/tls_bulk.h"

#include "common/posix/tls_start.h"
#include "tests/unit/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct wg_error err;
static const unsigned char secret[32] = "for this test alone, and no more";

/* Both know a secret: no certificate is needed. */
static unsigned int of_client(WOLFSSL *ssl, const char *hint, char *identity, unsigned int most,
                              unsigned char *key, unsigned int key_most)
{
    (void)ssl, (void)hint;
    if (most < 5 || key_most < sizeof secret) return 0;
    memcpy(identity, "test", 5);
    memcpy(key, secret, sizeof secret);
    return sizeof secret;
}

static unsigned int of_server(WOLFSSL *ssl, const char *identity, unsigned char *key,
                              unsigned int key_most)
{
    (void)ssl, (void)identity;
    if (key_most < sizeof secret) return 0;
    memcpy(key, secret, sizeof secret);
    return sizeof secret;
}

struct pair {
    WOLFSSL_CTX *client_ctx, *server_ctx;
    WOLFSSL *client, *server; /* the client's messages go in bulk */
    int fd[2];
};

static bool shake_hands(struct pair *pair)
{
    for (int i = 0; i < 100; i++) {
        int client = wolfSSL_connect(pair->client), server = wolfSSL_accept(pair->server);
        if (client == WOLFSSL_SUCCESS && server == WOLFSSL_SUCCESS) return true;
    }
    return false;
}

static struct pair open_pair(void)
{
    struct pair pair = {0};
    CU_ASSERT_TRUE_FATAL(wg_tls_start(&err));
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.fd), 0);
    pair.client_ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    pair.server_ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair.client_ctx);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair.server_ctx);
    wolfSSL_CTX_set_psk_client_callback(pair.client_ctx, of_client);
    wolfSSL_CTX_set_psk_server_callback(pair.server_ctx, of_server);
    pair.client = wolfSSL_new(pair.client_ctx);
    pair.server = wolfSSL_new(pair.server_ctx);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair.client);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair.server);
    CU_ASSERT_TRUE_FATAL(tls_bulk_take(pair.client));
    CU_ASSERT_TRUE_FATAL(tls_bulk_set_fd(pair.client, pair.fd[0]));
    CU_ASSERT_EQUAL_FATAL(wolfSSL_set_fd(pair.server, pair.fd[1]), WOLFSSL_SUCCESS);
    CU_ASSERT_TRUE_FATAL(shake_hands(&pair));
    char none; /* tickets for other sessions are there */
    CU_ASSERT_EQUAL(tls_bulk_read(pair.client, &none, 1), -1);
    return pair;
}

static void close_pair(struct pair *pair)
{
    tls_bulk_drop(pair->client);
    wolfSSL_free(pair->client);
    wolfSSL_free(pair->server);
    wolfSSL_CTX_free(pair->client_ctx);
    wolfSSL_CTX_free(pair->server_ctx);
    (void)close(pair->fd[0]);
    (void)close(pair->fd[1]);
}

static void say(struct pair *pair, const char *text)
{
    int len = (int)strlen(text);
    CU_ASSERT_EQUAL(wolfSSL_write(pair->server, text, len), len);
}

/* What the server gets of one record; "": nothing is there. */
static const char *heard(struct pair *pair)
{
    static char text[20000];
    int got = wolfSSL_read(pair->server, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void expect(struct pair *pair, const char *text)
{
    char got[64] = "";
    CU_ASSERT_EQUAL(tls_bulk_read(pair->client, got, (int)strlen(text)), (int)strlen(text));
    ASSERT_TEXT(got, text);
}

static void expect_nothing(struct pair *pair)
{
    char got[8];
    int result = tls_bulk_read(pair->client, got, sizeof got);
    CU_ASSERT_EQUAL(result, -1);
    CU_ASSERT_EQUAL(wolfSSL_get_error(pair->client, result), WOLFSSL_ERROR_WANT_READ);
}

static void answer(struct pair *pair, const char *text)
{
    CU_ASSERT_EQUAL(tls_bulk_write(pair->client, text, (int)strlen(text)), (int)strlen(text));
}

static void all_that_has_come_is_read_at_once(void)
{
    struct pair pair = open_pair();
    char left;
    say(&pair, "one");
    say(&pair, "two");
    say(&pair, "three");
    expect(&pair, "one");
    CU_ASSERT_TRUE(tls_bulk_has_more(pair.client));
    /* nothing is left in the socket that poll could tell of */
    CU_ASSERT_EQUAL(recv(pair.fd[0], &left, 1, MSG_PEEK), -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
    expect(&pair, "two");
    CU_ASSERT_TRUE(tls_bulk_has_more(pair.client));
    expect(&pair, "three");
    CU_ASSERT_FALSE(tls_bulk_has_more(pair.client));
    expect_nothing(&pair);
    close_pair(&pair);
}

static void answers_to_what_came_together_go_out_together(void)
{
    struct pair pair = open_pair();
    say(&pair, "one");
    say(&pair, "two");
    say(&pair, "three");
    expect(&pair, "one");
    answer(&pair, "1");
    ASSERT_TEXT(heard(&pair), "");
    expect(&pair, "two");
    answer(&pair, "2");
    ASSERT_TEXT(heard(&pair), "");
    expect(&pair, "three"); /* the last: nothing more is there to wait for */
    ASSERT_TEXT(heard(&pair), "12");
    answer(&pair, "3");
    ASSERT_TEXT(heard(&pair), "3");
    close_pair(&pair);
}

static void without_more_to_read_nothing_is_held_back(void)
{
    struct pair pair = open_pair();
    answer(&pair, "at once");
    ASSERT_TEXT(heard(&pair), "at once");
    say(&pair, "one");
    expect(&pair, "one");
    answer(&pair, "1");
    ASSERT_TEXT(heard(&pair), "1");
    close_pair(&pair);
}

/* Half a record is no reason to hold anything back: its rest may never come. */
static void half_a_record_is_not_more(void)
{
    struct pair pair = open_pair();
    unsigned char record[256];
    say(&pair, "one");
    say(&pair, "two");
    ssize_t len = recv(pair.fd[0], record, sizeof record, 0);
    CU_ASSERT_TRUE_FATAL(len > 10);
    CU_ASSERT_EQUAL(send(pair.fd[1], record, (size_t)len - 3, 0), len - 3);
    expect(&pair, "one");
    CU_ASSERT_FALSE(tls_bulk_has_more(pair.client));
    expect_nothing(&pair);
    CU_ASSERT_FALSE(tls_bulk_has_more(pair.client));
    answer(&pair, "1");
    ASSERT_TEXT(heard(&pair), "1");
    CU_ASSERT_EQUAL(send(pair.fd[1], record + len - 3, 3, 0), 3);
    expect(&pair, "two");
    close_pair(&pair);
}

/* More than there is room for, both ways: nothing is lost, all in order. */
static void much_of_it_is_whole(void)
{
    struct pair pair = open_pair();
    char sent[1000], got[1000];
    size_t said = 0, received = 0, answered = 0, returned = 0;
    while (returned < 3000) {
        while (said < 3000 && said < returned + 100) {
            memset(sent, 'a' + (int)(said % 26), sizeof sent);
            if (wolfSSL_write(pair.server, sent, sizeof sent) != (int)sizeof sent) break;
            said++;
        }
        if (tls_bulk_read(pair.client, got, sizeof got) == (int)sizeof got) {
            CU_ASSERT_EQUAL(got[0], (char)('a' + (int)(received % 26)));
            CU_ASSERT_EQUAL(got[999], got[0]);
            received++;
            CU_ASSERT_EQUAL(tls_bulk_write(pair.client, got, 10), 10);
            answered++;
        }
        for (const char *text = heard(&pair); *text; text += 10) {
            CU_ASSERT_EQUAL(text[0], (char)('a' + (int)(returned % 26)));
            returned++;
        }
    }
    CU_ASSERT_EQUAL(received, 3000);
    CU_ASSERT_EQUAL(answered, 3000);
    close_pair(&pair);
}

static void what_is_held_back_goes_before_the_end(void)
{
    struct pair pair = open_pair();
    say(&pair, "one");
    say(&pair, "two");
    expect(&pair, "one");
    answer(&pair, "bye");
    ASSERT_TEXT(heard(&pair), "");
    tls_bulk_flush(pair.client);
    ASSERT_TEXT(heard(&pair), "bye");
    close_pair(&pair);
}

/* A record that says nothing to the reader: why it gets nothing is told all the same. */
static void a_record_of_the_session_itself_lets_answers_go(void)
{
    struct pair pair = open_pair();
    say(&pair, "one");
    CU_ASSERT_EQUAL(wolfSSL_update_keys(pair.server), WOLFSSL_SUCCESS);
    expect(&pair, "one");
    CU_ASSERT_TRUE(tls_bulk_has_more(pair.client));
    answer(&pair, "1");
    ASSERT_TEXT(heard(&pair), "");
    expect_nothing(&pair);
    ASSERT_TEXT(heard(&pair), "1");
    say(&pair, "two");
    expect(&pair, "two");
    close_pair(&pair);
}

static void an_end_is_told(void)
{
    struct pair pair = open_pair();
    char got[8];
    say(&pair, "one");
    (void)shutdown(pair.fd[1], SHUT_WR);
    expect(&pair, "one");
    int result = tls_bulk_read(pair.client, got, sizeof got);
    CU_ASSERT_TRUE(result <= 0);
    CU_ASSERT_NOT_EQUAL(wolfSSL_get_error(pair.client, result), WOLFSSL_ERROR_WANT_READ);
    close_pair(&pair);
}

WG_SUITE("tls_bulk", {"all that has come is read at once", all_that_has_come_is_read_at_once},
         {"answers to what came together go out together",
          answers_to_what_came_together_go_out_together},
         {"without more to read nothing is held back", without_more_to_read_nothing_is_held_back},
         {"half a record is not more", half_a_record_is_not_more},
         {"much of it is whole", much_of_it_is_whole},
         {"what is held back goes before the end", what_is_held_back_goes_before_the_end},
         {"a record of the session itself lets answers go",
          a_record_of_the_session_itself_lets_answers_go},
         {"an end is told", an_end_is_told})
