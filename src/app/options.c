/* app/options.c */
#include "app/options.h"

#include "base/arena.h"

#include <string.h>

static int form_count(const struct option_form *forms)
{
    int count = 0;
    while (forms[count].name)
        count++;
    return count;
}

static int find_form(const struct option_form *forms, const char *name, size_t size)
{
    for (int i = 0; forms[i].name; i++)
        if (strlen(forms[i].name) == size && memcmp(forms[i].name, name, size) == 0)
            return i;
    return -1;
}

static int count_words(char *const *arguments)
{
    int count = 0;
    while (arguments[count])
        count++;
    return count;
}

/* *ARGUMENTS stands at an option; afterwards at its last word. */
static const struct err *read_option(struct ctx *ctx, char *const **arguments, struct options *options, int *many)
{
    const char *name = **arguments + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    int form = find_form(options->forms, name, size);
    if (form < 0)
        return err_new(ctx, ERR_INPUT, "options.unknown", **arguments);
    const struct option_form *found = &options->forms[form];
    if (!found->value && equals)
        return err_new(ctx, ERR_INPUT, "options.needless_value", found->name);
    if (options->values[form] && !found->is_many)
        return err_new(ctx, ERR_INPUT, "options.twice", found->name);
    const char *value = "";
    if (found->value) {
        value = equals ? equals + 1 : *++*arguments;
        if (!value || !*value)
            return err_new(ctx, ERR_INPUT, "options.value_missing", found->name, found->value);
    }
    options->values[form] = value;
    if (found->is_many)
        options->many[(*many)++] = value;
    return NULL;
}

const struct err *options_read(struct ctx *ctx, const struct option_form *forms, char *const *arguments, struct options *ret)
{
    int many = 0;
    *ret = (struct options){ .forms = forms };
    ret->values = arena_array_of(ctx->arena, const char *, form_count(forms) + 1);
    ret->many = arena_array_of(ctx->arena, const char *, count_words(arguments) + 1);
    for (; *arguments; arguments++) {
        if (strncmp(*arguments, "--", 2) == 0 && (*arguments)[2]) {
            TRY(read_option(ctx, &arguments, ret, &many));
            continue;
        }
        if (ret->word_count == OPTIONS_WORDS)
            return err_new(ctx, ERR_INPUT, "options.too_many_words", *arguments);
        ret->words[ret->word_count++] = *arguments;
    }
    for (int i = 0; forms[i].name; i++)
        if (forms[i].is_required && !ret->values[i])
            return err_new(ctx, ERR_INPUT, "options.required", forms[i].name, forms[i].value ? forms[i].value : "");
    return NULL;
}

const char *option(const struct options *options, const char *name)
{
    int form = find_form(options->forms, name, strlen(name));
    if (form < 0)
        BUG("the option --%s is in no table", name);
    return options->values[form];
}

bool option_is_set(const struct options *options, const char *name)
{
    return option(options, name) != NULL;
}
