// CBOR (RFC 8949), as much as payloads of flows need: read a member of a map, write maps, texts and whole numbers.
#pragma once
#include "memory.h"

enum { CBOR_UNSIGNED, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_OTHER, CBOR_MOST_DEPTH = 64 };

typedef struct { const uint8_t *at; const uint8_t *end; bool is_broken; } cbor;
typedef struct { int kind; uint64_t number; } cbor_head;

static cbor_head cbor_next(cbor *from)
{
    cbor_head head = { CBOR_OTHER, 0 };
    if (from->at == from->end) {
        from->is_broken = true;
        return head;
    }
    uint8_t first = *from->at++;
    head.kind = first >> 5;
    head.number = first & 31;
    if (head.number > 27) {
        from->is_broken = true; // indefinite lengths do not occur in payloads
    } else if (head.number > 23) {
        size_t length = (size_t)1 << (head.number - 24);
        if ((size_t)(from->end - from->at) < length) {
            from->is_broken = true;
            return head;
        }
        head.number = 0;
        while (length-- > 0) {
            head.number = head.number << 8 | *from->at++;
        }
    }
    return head;
}

static bytes cbor_content(cbor *from, cbor_head head)
{
    if (head.number > (uint64_t)(from->end - from->at)) {
        from->is_broken = true;
        return (bytes){ 0 };
    }
    bytes content = { from->at, (size_t)head.number };
    from->at += content.length;
    return content;
}

static void cbor_skip(cbor *from, int depth)
{
    cbor_head head = cbor_next(from);
    if (depth > CBOR_MOST_DEPTH) {
        from->is_broken = true;
    } else if (head.kind == CBOR_BYTES || head.kind == CBOR_TEXT) {
        cbor_content(from, head);
    } else if (head.kind == CBOR_ARRAY || head.kind == CBOR_MAP || head.kind == CBOR_TAG) {
        uint64_t parts = head.kind == CBOR_TAG ? 1 : head.kind == CBOR_MAP ? head.number * 2 : head.number;
        while (parts-- > 0 && !from->is_broken) {
            cbor_skip(from, depth + 1);
        }
    }
}

// The text of a member of the map that a payload is; empty when there is none or it is no text.
static text cbor_text_of(bytes payload, text name)
{
    cbor from = { payload.at, payload.at + payload.length, false };
    cbor_head map = cbor_next(&from);
    for (uint64_t i = 0; map.kind == CBOR_MAP && i < map.number && !from.is_broken; i++) {
        cbor_head head = cbor_next(&from);
        bytes key = cbor_content(&from, head);
        if (head.kind == CBOR_TEXT && !from.is_broken && same((text){ (const char *)key.at, key.length }, name)) {
            cbor_head value = cbor_next(&from);
            bytes content = value.kind == CBOR_TEXT ? cbor_content(&from, value) : (bytes){ 0 };
            return from.is_broken ? (text){ 0 } : (text){ (const char *)content.at, content.length };
        }
        cbor_skip(&from, 0);
    }
    return (text){ 0 };
}

// A buffer that texts and CBOR are written into.
typedef struct { uint8_t *at; size_t length; size_t capacity; } output;

static void put(output *to, const void *from, size_t length)
{
    if (to->capacity - to->length < length) {
        size_t capacity = (to->capacity + length) * 2;
        uint8_t *larger = take(capacity, 1);
        memcpy(larger, to->at, to->length);
        to->at = larger;
        to->capacity = capacity;
    }
    memcpy(to->at + to->length, from, length);
    to->length += length;
}

static void put_text(output *to, text value) { put(to, value.at, value.length); }

static void put_number(output *to, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
    } while ((rest /= 10) > 0);
    if (value < 0) {
        put(to, "-", 1);
    }
    put(to, digits + at, sizeof digits - at);
}

static text written(const output *from) { return (text){ (const char *)from->at, from->length }; }

static void cbor_head_to(output *to, int kind, uint64_t number)
{
    int size = number < 24 ? 0 : number < 0x100 ? 1 : number < 0x10000 ? 2 : number < 0x100000000 ? 4 : 8;
    uint8_t head[9] = { (uint8_t)(kind << 5 | (size == 0 ? (int)number : size == 1 ? 24 : size == 2 ? 25 : size == 4 ? 26 : 27)) };
    for (int i = 0; i < size; i++) {
        head[1 + i] = (uint8_t)(number >> 8 * (size - 1 - i));
    }
    put(to, head, (size_t)size + 1);
}

static void cbor_map(output *to, size_t members) { cbor_head_to(to, CBOR_MAP, members); }

static void cbor_array(output *to, size_t items) { cbor_head_to(to, CBOR_ARRAY, items); }

static void cbor_text(output *to, text value)
{
    cbor_head_to(to, CBOR_TEXT, value.length);
    put_text(to, value);
}

static void cbor_number(output *to, int64_t value) { cbor_head_to(to, value < 0 ? CBOR_NEGATIVE : CBOR_UNSIGNED, (uint64_t)(value < 0 ? -1 - value : value)); }

static void cbor_member(output *to, text name, text value)
{
    cbor_text(to, name);
    cbor_text(to, value);
}
