/* app/command_init.c -- gongzhi init: tables, keys, the calendar that is known, the name of the logs. */
#include "app/commands.h"

#include "app/house.h"
#include "app/law.h"
#include "app/tables.h"

#include <stdio.h>

const struct option_form command_init_options[] = {
    OPTIONS_OF_HOUSE,
    { "host", "NAME", "option.host" },
    { 0 },
};

const struct err *command_init(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files"), .host = option(options, "host"), .is_new = true };
    TRY(house_open(ctx, ctx, &settings, &house));
    int rows, moved;
    TRY(law_import_calendar(house, ctx, "calendar.csv", data_file("calendar.csv"), &rows, &moved));
    printf("%s\n", texts_fill(ctx, "command.init.done", house->records.host, NULL));
    return NULL;
}
