/* tests/story/story.h -- a whole house with a small world in it, served on a port of its own, under a clock that a test sets.
 *
 *     static void a_villager_asks_and_is_answered(void **state)
 *     {
 *         struct story *s = *state;
 *         struct browser *li = story_enter(s, VILLAGER);
 *         …
 *     }
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = { STORY(a_villager_asks_and_is_answered), … };
 *         return cmocka_run_group_tests(tests, NULL, NULL);
 *     }
 *
 * Every story runs on SQLite and on PostgreSQL. The clock stands at FIXTURE_NOW (a Monday, 9:00) until story_set_clock().
 */
#ifndef TESTS_STORY_STORY_H
#define TESTS_STORY_STORY_H
#include "database.h"

#include "browser.h"

#include "app/house.h"
#include "record/import.h"
#include "record/matter.h"

/* Two towns with a village each. Who holds what: world.c. */
#define TOWN "500116106000"
#define VILLAGE "500116106200"
#define OTHER_TOWN "500116108000"
#define OTHER_VILLAGE "500116108200"

#define VILLAGER "p-li"             /* 李秀兰, of the village */
#define NEIGHBOUR "p-wang"          /* 王大明, of the village */
#define STRANGER_FROM_AFAR "p-zhao" /* 赵建国, of the other town's village */
#define DESK "p-chen"               /* 陈静, the town's desk */
#define OTHER_DESK "p-liu"          /* 刘洋, the other town's desk */
#define HANDLER "p-zhou"            /* 周强, of the building office */
#define OTHER_HANDLER "p-wu"        /* 吴敏, of the civil affairs office */
#define COLLEAGUE "p-tang"          /* 唐勇, of the building office too */
#define LEADER "p-sun"              /* 孙涛, the town's leader */
#define ADMINISTRATOR "p-gao"       /* 高原, has an account of nothing else */

struct story {
    struct database *d;
    struct fixture *f;
    struct house *house;
    struct http *http;
    struct browser *browsers[48];
    int browser_count;
    char files[160], keys[160];
};

int story_setup_sqlite(void **state);
int story_setup_postgres(void **state);
int story_teardown(void **state);
#define STORY(test)                                                                                                    \
    { #test " (SQLite)", test, story_setup_sqlite, story_teardown, NULL },                                             \
    {                                                                                                                  \
#test " (PostgreSQL)", test, story_setup_postgres, story_teardown, NULL                                            \
    }

/* Stops serving and closes the house; opens and serves it again, as another start of the program would. */
void story_stop(struct story *story);
void story_start(struct story *story);

/* More people and roles than the world has: rows as an import takes them. */
void story_import(struct story *story, enum import_kind kind, const char *csv);

/* A browser of nobody in particular; one in which PERSON is signed in. They end with the story. */
struct browser *story_browser(struct story *story);
struct browser *story_enter(struct story *story, const char *person);
/* A login of the same name without "p-", with a cheap hash of PASSWORD. */
void story_give_account(struct story *story, const char *person, const char *password, bool must_change);
#define PASSWORD "shui-jing-pang-de-lu"

void story_set_clock(struct story *story, int32_t day, int hour, int minute);
int story_fire_clocks(struct story *story); /* how many moves and warnings that made */

/* A number of the database, by an own SQL text: "select count(*) from matter". */
int64_t story_number(struct story *story, const char *sql);
int64_t story_leaves(struct story *story); /* of both towns */
/* Everything recorded is sound: house_verify() finds nothing. */
void story_assert_sound(struct story *story);

/* SQL run by somebody with a hand in the database; and how many faults house_verify() then finds. */
void story_disturb(struct story *story, const char *sql);
int story_faults(struct story *story);

/* Files through the form on the page; the number. */
const char *story_file(struct browser *browser, const char *category, const char *topic, const char *text);
/* A move through its form on the matter's page; the page after it. */
struct page story_move(struct browser *browser, const char *number, const char *move, const struct field *fields, int count);
struct page story_dispatch(struct browser *desk, const char *number, const char *handler_name);
struct page story_see(struct browser *browser, const char *number);
/* The same page as JSON, the browser's wishes restored afterwards. */
struct page story_see_json(struct browser *browser, const char *number);
struct page story_json(struct browser *browser, const char *path);
/* The key of the state, as JSON says it. */
const char *story_state(struct browser *browser, const char *number);
/* Names of the moves offered, in the order of the alphabet, joined by blanks. */
const char *story_moves(struct browser *browser, const char *number);
/* "/requests/NUMBER" and what follows. */
const char *story_href(struct browser *browser, const char *number, const char *rest);
#endif
