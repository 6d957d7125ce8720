/* commons/commons.c */
#include "commons/commons.h"

#include "commons/log_pages.h"
#include "commons/person_page.h"
#include "commons/place_page.h"

const struct route commons_routes[] = {
    { "GET", "/places", ACCESS_ANYONE, .page = places_page, .view = "places" },
    { "GET", "/people/{realm}/{id}", ACCESS_SIGNED_IN, .page = person_page, .view = "person" },
    { "POST", "/people/{realm}/{id}/looks", ACCESS_SIGNED_IN, .check = person_look_check },
    { "GET", "/log", ACCESS_ANYONE, .page = logs_page, .view = "logs" },
    { "GET", "/log/{realm}", ACCESS_ANYONE, .page = log_page, .view = "log" },
    { "GET", "/log/{realm}/checkpoint", ACCESS_ANYONE, .page = log_checkpoint },
    { "GET", "/log/{realm}/tile/{path...}", ACCESS_ANYONE, .page = log_tile },
    { "GET", "/log/{realm}/key", ACCESS_ANYONE, .page = log_key },
    { 0 },
};
