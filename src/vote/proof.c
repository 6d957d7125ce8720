/* vote/proof.c */
#include "vote/proof.h"

#include "base/arena.h"
#include "base/err.h"

bool has_fields(const struct node *node, bool is_ordered, const char *const *names)
{
    if (!node || node->kind != NODE_OBJECT)
        return false;
    uint32_t count = 0;
    const struct node_link *link = node->first;
    for (; names[count]; count++) {
        if (is_ordered && (!link || !text_is((struct text){ link->key->name, link->key->size }, names[count])))
            return false;
        if (!is_ordered && !node_find(node, key_intern(text_of(names[count]))))
            return false;
        link = link ? link->next : NULL;
    }
    return count == node->count;
}

bool count_read(const struct node *node, int64_t most, int64_t *ret)
{
    int64_t number = -1;
    if (node && node->kind == NODE_INT)
        number = node->number;
    else if (node && node->kind == NODE_TEXT) {
        if (!text_int(node->text, &number) || node->text.at[0] == '-' || (node->text.size > 1 && node->text.at[0] == '0'))
            return false;
    } else
        return false;
    if (number < 0 || number > most)
        return false;
    *ret = number;
    return true;
}

bool small_read(const struct node *node, int64_t most, int64_t *ret)
{
    return node && node->kind == NODE_INT && count_read(node, most, ret);
}

void count_write(int64_t count, struct buffer *out)
{
    static const int64_t most_number = (INT64_C(1) << 30) - 1;
    if (count > most_number)
        buffer_byte(out, '"');
    buffer_int(out, count);
    if (count > most_number)
        buffer_byte(out, '"');
}

bool zk_read(struct group *group, const struct node *node, struct zk_proof *ret)
{
    return has_fields(node, true, FIELDS("challenge", "response")) &&
           scalar_decode(group, node_find_text(node, KEY("challenge")), &ret->challenge) &&
           scalar_decode(group, node_find_text(node, KEY("response")), &ret->response);
}

bool zk_read_list(struct group *group, const struct node *node, struct zk_proof *ret, int count)
{
    if (!is_list_of(node, (uint32_t)count))
        return false;
    node_each (link, node)
        if (!zk_read(group, &link->value, ret++))
            return false;
    return true;
}

void zk_commitment(struct group *group, const struct zk_proof *proof, const struct element *base,
                   const struct element *element, struct element *ret)
{
    group_power_both(group, base, &proof->response, element, &proof->challenge, ret);
}

struct scalar zk_hash(const struct group *group, struct text prefix, const struct element *elements, int count)
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    buffer_reserve(&hashed, prefix.size + 80 * (size_t)count);
    buffer_text(&hashed, prefix);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(&hashed, ',');
        group_encode(group, &elements[i], &hashed);
    }
    struct sha256 hash = sha256_of(buffer_view(&hashed));
    return scalar_of_hash(group, &hash);
}

bool zk_check(struct group *group, const struct zk_proof *proof, const struct element *key, const char *word,
              struct text middle)
{
    scoped(buffer_clear) struct buffer prefix = { 0 };
    struct element commitment;
    zk_commitment(group, proof, &group->generator, key, &commitment);
    buffer_string(&prefix, word);
    buffer_text(&prefix, middle);
    buffer_byte(&prefix, '|');
    struct scalar hash = zk_hash(group, buffer_view(&prefix), &commitment, 1);
    return scalar_equal(&hash, &proof->challenge);
}

struct text element_text(struct group *group, struct arena *arena, const struct element *element)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    group_encode(group, element, &out);
    return text_copy(arena, buffer_view(&out));
}
