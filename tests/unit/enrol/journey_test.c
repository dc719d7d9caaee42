/* journey_test.c: a device and the authority renew together, while the power is cut and messages
 * are lost at every step: the device can always connect, and in the end one certificate is in
 * force. */
#include "agent/posix/identity.h"
#include "common/posix/file.h"
#include "pki/enrol/station.h"
#include "tests/unit/harness.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "dev-1"
#define DAYS 90
#define STEPS_MOST 200
#define NEVER (-1)

static struct wg_error err;

struct world {
    char folder[64], pki[80], state[80], crt[96], key[96];
    struct identity identity;
    wg_time now, monotonic;
    int steps, cut, lose, messages;
    bool broken; /* the broker does not take the next pair */
    int drops;
    bool done;
};

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void open_device(struct world *world)
{
    struct renewal_pair factory;
    (void)wg_copy(factory.certificate, sizeof factory.certificate, world->crt);
    (void)wg_copy(factory.key, sizeof factory.key, world->key);
    ASSERT_OK(identity_open(&world->identity, world->state, &factory, &err), &err);
}

static void authority(struct world *world, struct authority *out)
{
    ASSERT_OK(authority_open(world->pki, DOMAIN_DEVICE, out, &err), &err);
}

static void make_factory_pair(struct world *world, enum wg_identity_kind kind)
{
    struct authority device;
    struct issued issued;
    struct wg_buf chain;
    struct issue_leaf leaf = {
        .organisation = "Wavegate", .unit = "device", .name = NAME, .key = kind, .days = DAYS};
    wg_buf_init(&chain, WG_CHAIN_MAX);
    authority(world, &device);
    ASSERT_OK(issue_leaf(&leaf, &device.issuing, world->now, &issued, &err), &err);
    ASSERT_OK(authority_enter(&device, kind_find("device"), NAME, NULL, &issued, &err), &err);
    wg_buf_text(&chain, issued.certificate);
    ASSERT_OK(authority_issuing_pem(&device, &chain, &err), &err);
    ASSERT_OK(wg_file_replace(world->crt, chain.data, chain.len, 0644, &err), &err);
    ASSERT_OK(wg_file_replace(world->key, issued.key, strlen(issued.key), 0600, &err), &err);
    wg_buf_clear(&chain);
    authority_clear(&device);
}

static void world_open(struct world *world, enum wg_identity_kind kind)
{
    struct policy policy;
    *world = (struct world){.cut = NEVER, .lose = NEVER, .monotonic = WG_HOUR};
    /* in memory: hundreds of files are synced */
    (void)snprintf(world->folder, sizeof world->folder, "%s/wg-journey-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(world->folder));
    (void)snprintf(world->pki, sizeof world->pki, "%s/pki", world->folder);
    (void)snprintf(world->state, sizeof world->state, "%s/state", world->folder);
    (void)snprintf(world->crt, sizeof world->crt, "%s/factory.crt", world->folder);
    (void)snprintf(world->key, sizeof world->key, "%s/factory.key", world->folder);
    world->now = wg_now();
    policy_init(&policy);
    policy.days[POLICY_DEVICE] = DAYS;
    struct authority_keys keys = {.kind = WG_IDENTITY_ED25519};
    ASSERT_OK(authority_init_all(world->pki, &policy, &keys, world->now, &err), &err);
    ASSERT_OK(wg_folder_make(world->state, 0700, &err), &err);
    make_factory_pair(world, kind);
    open_device(world);
}

static void world_close(struct world *world)
{
    (void)nftw(world->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool holds(struct world *world, const char *file)
{
    struct authority device;
    struct wg_buf pem;
    struct wg_x509 read;
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    wg_buf_init(&pem, 65536);
    bool ok = wg_file_read(file, &pem, NULL) &&
              wg_x509_from_pem(wg_buf_str(&pem), pem.len, der, &len, NULL) &&
              wg_x509_read(der, len, &read, NULL);
    wg_buf_clear(&pem);
    if (!ok) return false;
    authority(world, &device);
    const struct ledger_entry *entry = ledger_find(&device.ledger, read.serial);
    ok = entry && !entry->revoked;
    authority_clear(&device);
    return ok;
}

static size_t in_force(struct world *world)
{
    struct authority device;
    size_t count = 0;
    authority(world, &device);
    for (size_t i = 0; i < device.ledger.count; i++) count += !device.ledger.entries[i].revoked;
    authority_clear(&device);
    return count;
}

/* Over the wire and back; false: lost on the way there (even messages) or back (odd ones). */
static bool send(struct world *world, const struct wg_buf *bytes, struct wg_cert_message *out)
{
    struct wg_csr_message message;
    struct renewal_outcome outcome;
    struct authority device;
    struct renewal_rules rules = {.pki = world->pki, .most = 100, .window = WG_DAY};
    if (world->messages++ == world->lose) return false;
    ASSERT_OK(wg_csr_message_decode(bytes->data, bytes->len, &message, &err), &err);
    authority(world, &device);
    ASSERT_OK(renewal_judge(&rules, &device, NAME, &message, world->now, &outcome, &err), &err);
    authority_clear(&device);
    if (world->messages++ == world->lose) return false;
    *out = outcome.answer;
    return true;
}

static void publish(struct world *world, const struct wg_buf *bytes)
{
    struct wg_cert_message answer, again;
    struct wg_buf back;
    if (!send(world, bytes, &answer)) return;
    wg_buf_init(&back, WG_MESSAGE_MAX);
    ASSERT_OK(wg_cert_message_encode(&answer, &back, &err), &err);
    ASSERT_OK(wg_cert_message_decode(wg_buf_str(&back), back.len, &again, &err), &err);
    for (int twice = 0; twice < 2; twice++) /* QoS 1 may say it again */
        if (identity_take(&world->identity, &again, world->monotonic)) world->done = true;
    wg_buf_clear(&back);
}

static void rest(struct world *world)
{
    wg_time wake = identity_wake(&world->identity, world->now, world->monotonic);
    wg_duration rest = wake > world->monotonic ? wake - world->monotonic : WG_SECOND;
    world->monotonic += rest;
    world->now += rest;
}

static void act(struct world *world)
{
    struct wg_buf bytes;
    enum renewal_next had = world->identity.store.has_next;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    switch (identity_step(&world->identity, world->now, world->monotonic, &bytes)) {
    case IDENTITY_REST:
        rest(world);
        break;
    case IDENTITY_PUBLISH:
        publish(world, &bytes);
        break;
    case IDENTITY_RECONNECT:
        break;
    }
    if (had == RENEWAL_NEXT_PAIR && world->identity.store.has_next == RENEWAL_NEXT_NONE &&
        !world->done) {
        world->drops++;
        world->broken = false;
    }
    wg_buf_clear(&bytes);
}

static void connect(struct world *world)
{
    const struct renewal_pair *pair = identity_pick(&world->identity, world->monotonic);
    world->monotonic += WG_SECOND;
    world->now += WG_SECOND;
    if (holds(world, pair->certificate) && !(world->identity.on_next && world->broken))
        identity_up(&world->identity, world->monotonic);
    else
        identity_failed(&world->identity, world->monotonic);
}

static void step(struct world *world)
{
    if (world->steps++ == world->cut) {
        open_device(world); /* the power was cut: what is on disk is all that is left */
        return;
    }
    if (world->identity.renewal.up)
        act(world);
    else
        connect(world);
    CU_ASSERT_TRUE(holds(world, world->identity.store.present.certificate) ||
                   (world->identity.store.has_next == RENEWAL_NEXT_PAIR &&
                    holds(world, world->identity.store.next.certificate)));
}

static int run(struct world *world)
{
    char before[WG_SERIAL_MAX];
    (void)wg_copy(before, sizeof before, world->identity.store.present_x509.serial);
    world->now = renewal_due(&world->identity.renewal);
    for (int i = 0; i < STEPS_MOST && !world->done; i++) step(world);
    CU_ASSERT_TRUE(world->done);
    open_device(world);
    CU_ASSERT_STRING_NOT_EQUAL(world->identity.store.present_x509.serial, before);
    CU_ASSERT_TRUE(holds(world, world->identity.store.present.certificate));
    CU_ASSERT_EQUAL(in_force(world), 1);
    CU_ASSERT_EQUAL(world->identity.store.has_next, RENEWAL_NEXT_NONE);
    return world->steps;
}

static void test_straight(void)
{
    for (int kind = WG_IDENTITY_ED25519; kind <= WG_IDENTITY_P256; kind++) {
        struct world world;
        world_open(&world, (enum wg_identity_kind)kind);
        (void)run(&world);
        world.done = false; /* and once more, from the renewed pair */
        (void)run(&world);
        world_close(&world);
    }
}

static void test_cut(void)
{
    int steps = 10;
    for (int cut = 0; cut < steps; cut++) {
        struct world world;
        world_open(&world, WG_IDENTITY_ED25519);
        world.cut = cut;
        steps = run(&world);
        world_close(&world);
    }
    CU_ASSERT_TRUE(steps >= 5);
}

static void test_lost(void)
{
    for (int lose = 0; lose < 4; lose++)
        for (int cut = NEVER; cut < 8; cut++) {
            struct world world;
            world_open(&world, WG_IDENTITY_ED25519);
            world.lose = lose;
            world.cut = cut;
            (void)run(&world);
            world_close(&world);
        }
}

/* A pair that the broker never takes is dropped, and the device renews with another. */
static void test_never_works(void)
{
    struct world world;
    world_open(&world, WG_IDENTITY_ED25519);
    world.broken = true;
    (void)run(&world);
    CU_ASSERT_EQUAL(world.drops, 1);
    world_close(&world);
}

/* A pin of another use, or of another authority, does not help. */
static void takes_if_pinned(struct renewal_store *store, const struct wg_cert_message *answer,
                            const struct wg_identity_public *authority)
{
    struct wg_pins pins = {.count = 1, .pins = {{.use = WG_PIN_SERVER}}};
    store->pins = &pins;
    ASSERT_OK(wg_identity_id(authority, pins.pins[0].sha256, &err), &err);
    CU_ASSERT_FALSE(renewal_store_take(store, answer, &err));
    pins.pins[0].use = WG_PIN_DEVICE;
    pins.pins[0].sha256[0] ^= 1;
    CU_ASSERT_FALSE(renewal_store_take(store, answer, &err));
    pins.pins[0].sha256[0] ^= 1;
    ASSERT_OK(renewal_store_take(store, answer, &err), &err);
    store->pins = NULL;
}

/* For the device's name and key, signed by another authority. */
static void forge_chain(const struct authority *foreign, const struct wg_buf *request, wg_time now,
                        struct wg_cert_message *out)
{
    struct issued issued;
    struct wg_csr_message message;
    struct wg_csr csr;
    struct wg_buf chain;
    struct issue_leaf leaf = {
        .organisation = "Wavegate", .unit = "device", .name = NAME, .days = DAYS};
    ASSERT_OK(wg_csr_message_decode(request->data, request->len, &message, &err), &err);
    ASSERT_OK(wg_csr_read(message.csr, message.csr_len, &csr, &err), &err);
    ASSERT_OK(issue_for_key(&leaf, &csr.key, &foreign->issuing, now, &issued, &err), &err);
    wg_buf_init(&chain, WG_CHAIN_MAX);
    wg_buf_text(&chain, issued.certificate);
    ASSERT_OK(authority_issuing_pem(foreign, &chain, &err), &err);
    (void)wg_copy(out->chain, sizeof out->chain, wg_buf_str(&chain));
    wg_buf_clear(&chain);
}

/* What somebody between sends, who knows the request but is not the authority. */
static void test_foreign_chain(void)
{
    struct world world, other;
    struct wg_cert_message answer;
    struct wg_buf bytes;
    world_open(&world, WG_IDENTITY_ED25519);
    world_open(&other, WG_IDENTITY_ED25519);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    ASSERT_OK(renewal_store_make_key(&world.identity.store, &err), &err);
    ASSERT_OK(renewal_store_ask(&world.identity.store, &bytes, &err), &err);
    CU_ASSERT_TRUE_FATAL(send(&world, &bytes, &answer));
    struct wg_cert_message right = answer;

    struct authority foreign;
    authority(&other, &foreign);
    forge_chain(&foreign, &bytes, world.now, &answer);
    CU_ASSERT_FALSE(renewal_store_take(&world.identity.store, &answer, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);

    takes_if_pinned(&world.identity.store, &answer, &foreign.issuing.key.public_key);

    /* for another key */
    ASSERT_OK(renewal_store_make_key(&world.identity.store, &err), &err);
    CU_ASSERT_FALSE(renewal_store_take(&world.identity.store, &right, &err));
    CU_ASSERT_EQUAL(world.identity.store.has_next, RENEWAL_NEXT_KEY);
    authority_clear(&foreign);
    wg_buf_clear(&bytes);
    world_close(&world);
    world_close(&other);
}

static void test_damaged(void)
{
    struct world world;
    char path[128];
    world_open(&world, WG_IDENTITY_ED25519);
    ASSERT_OK(wg_file_replace(world.identity.store.next.key, "rubbish", 7, 0600, &err), &err);
    open_device(&world);
    CU_ASSERT_EQUAL(world.identity.store.has_next, RENEWAL_NEXT_NONE);
    (void)snprintf(path, sizeof path, "%s/identity.next.pem.damaged", world.state);
    CU_ASSERT_EQUAL(access(path, F_OK), 0);
    (void)run(&world);
    CU_ASSERT_EQUAL(access(world.identity.store.present.key, F_OK), 0);
    world_close(&world);
}

/* Whoever gives the device a newer pair by hand is heard. */
static void test_given_by_hand(void)
{
    struct world world;
    char serial[WG_SERIAL_MAX];
    world_open(&world, WG_IDENTITY_ED25519);
    (void)run(&world);
    (void)wg_copy(serial, sizeof serial, world.identity.store.present_x509.serial);
    world.now += WG_DAY;
    make_factory_pair(&world, WG_IDENTITY_P256);
    open_device(&world);
    CU_ASSERT_STRING_NOT_EQUAL(world.identity.store.present_x509.serial, serial);
    ASSERT_TEXT(world.identity.store.present.key, world.key);
    world_close(&world);
}

static size_t lists_written(const struct world *world)
{
    char path[128];
    struct wg_buf number;
    (void)snprintf(path, sizeof path, "%s/device/crl.number", world->pki);
    wg_buf_init(&number, 32);
    ASSERT_OK(wg_file_read(path, &number, &err), &err);
    size_t count = strtoul(wg_buf_str(&number), NULL, 10);
    wg_buf_clear(&number);
    return count;
}

/* A list that has run out locks everybody out of a broker. */
static void test_list_in_time(void)
{
    struct world world;
    struct enrol_settings settings = {.renewals = 4, .window = WG_DAY};
    struct station *station = calloc(1, sizeof *station);
    CU_ASSERT_PTR_NOT_NULL_FATAL(station);
    world_open(&world, WG_IDENTITY_ED25519);
    (void)wg_copy(settings.pki, sizeof settings.pki, world.pki);
    /* init holds the folder until its process ends, and that is this one */
    char lock[128];
    (void)snprintf(lock, sizeof lock, "%s/lock", world.pki);
    CU_ASSERT_EQUAL_FATAL(unlink(lock), 0);
    station_init(station, &settings);
    station_rest(station, true, world.now);
    size_t first = lists_written(&world);
    station_rest(station, true, world.now + 15 * WG_DAY - 1);
    CU_ASSERT_EQUAL(lists_written(&world), first);
    station_rest(station, false, world.now + 15 * WG_DAY);
    CU_ASSERT_EQUAL(lists_written(&world), first);
    station_rest(station, true, world.now + 15 * WG_DAY);
    CU_ASSERT_EQUAL(lists_written(&world), first + 1);
    station_rest(station, true, world.now + 16 * WG_DAY);
    CU_ASSERT_EQUAL(lists_written(&world), first + 1);
    station_rest(station, true, world.now + 30 * WG_DAY);
    CU_ASSERT_EQUAL(lists_written(&world), first + 2);
    free(station);
    world_close(&world);
}

WG_SUITE("journey", {"nothing goes wrong, twice", test_straight},
         {"the power is cut at every step", test_cut},
         {"messages are lost, the power is cut", test_lost},
         {"a pair that never works", test_never_works},
         {"a chain of another authority or key is not kept", test_foreign_chain},
         {"a damaged next pair is set aside", test_damaged},
         {"a pair given by hand", test_given_by_hand},
         {"the revocation list is written before it runs out", test_list_in_time})
