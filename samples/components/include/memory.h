// Memory of one call: every call gets an instance of its own, so nothing is ever given back.
#pragma once
#include "abi.h"

extern uint8_t __heap_base;
static uintptr_t memory_next;

static void *take(size_t length, size_t alignment)
{
    uintptr_t start = ((memory_next ? memory_next : (uintptr_t)&__heap_base) + alignment - 1) & ~(alignment - 1);
    size_t pages = __builtin_wasm_memory_size(0);
    memory_next = start + length;
    if (memory_next < start || (memory_next > pages << 16 && __builtin_wasm_memory_grow(0, ((memory_next - (pages << 16)) >> 16) + 1) == (size_t)-1)) {
        __builtin_trap();
    }
    return (void *)start;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
    return to;
}

void *memset(void *to, int value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)to)[i] = (uint8_t)value;
    }
    return to;
}

// The host takes memory here for what it passes in.
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_length, size_t alignment, size_t length)
{
    void *taken = take(length, alignment);
    return old ? memcpy(taken, old, old_length < length ? old_length : length) : taken;
}

static bool same(text left, text right)
{
    if (left.length != right.length) {
        return false;
    }
    for (size_t i = 0; i < left.length; i++) {
        if (left.at[i] != right.at[i]) {
            return false;
        }
    }
    return true;
}
