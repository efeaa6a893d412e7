// Gets what a URL names through wasi:http, and answers its status and body; or the number of the error.
#include "component.h"

#define FROM(interface, function) __attribute__((import_module(interface), import_name(function)))
#define TYPES "wasi:http/types@0.2.6"

FROM(TYPES, "[constructor]fields") int new_fields(void);
FROM(TYPES, "[constructor]outgoing-request") int new_request(int fields);
FROM(TYPES, "[method]outgoing-request.set-scheme") int set_scheme(int request, int is, int scheme, const char *other, size_t length);
FROM(TYPES, "[method]outgoing-request.set-authority") int set_authority(int request, int is, const char *at, size_t length);
FROM(TYPES, "[method]outgoing-request.set-path-with-query") int set_path(int request, int is, const char *at, size_t length);
FROM(TYPES, "[method]future-incoming-response.subscribe") int subscribe(int future);
FROM(TYPES, "[method]incoming-response.status") int status_of(int response);
FROM(TYPES, "[resource-drop]incoming-response") void drop_response(int response);
FROM(TYPES, "[resource-drop]incoming-body") void drop_body(int body);
FROM(TYPES, "[resource-drop]future-incoming-response") void drop_future(int future);
FROM("wasi:io/poll@0.2.6", "[method]pollable.block") void block(int pollable);
FROM("wasi:io/poll@0.2.6", "[resource-drop]pollable") void drop_pollable(int pollable);
FROM("wasi:io/streams@0.2.6", "[resource-drop]input-stream") void drop_stream(int stream);

typedef struct { uint8_t is_error; union { int32_t handle; uint8_t which; uint64_t aligned[3]; }; } handle_result;
FROM("wasi:http/outgoing-handler@0.2.6", "handle") void send(int request, int has_options, int options, handle_result *to);

typedef struct { uint8_t is; uint8_t pad[7]; uint8_t is_taken; uint8_t pad2[7]; handle_result answer; } future_result;
FROM(TYPES, "[method]future-incoming-response.get") void answer_of(int future, future_result *to);

typedef struct { uint8_t is_error; int32_t handle; } plain_result;
FROM(TYPES, "[method]incoming-response.consume") void consume(int response, plain_result *to);
FROM(TYPES, "[method]incoming-body.stream") void stream_of(int body, plain_result *to);

typedef struct { uint8_t is_error; union { bytes read; struct { uint8_t which; int32_t error; } failed; }; } read_result;
FROM("wasi:io/streams@0.2.6", "[method]input-stream.blocking-read") void blocking_read(int stream, uint64_t most, read_result *to);

static answer refused(int number)
{
    output why = { 0 };
    put_number(&why, number);
    return fail(TEXT("wasi_http"), written(&why), false);
}

static answer handle(const call *it)
{
    text authority = cbor_text_of(it->payload, TEXT("authority"));
    text path = cbor_text_of(it->payload, TEXT("path"));
    int request = new_request(new_fields());
    if (set_scheme(request, 1, 0, 0, 0) | set_authority(request, 1, authority.at, authority.length) | set_path(request, 1, path.at, path.length)) {
        return refused(-1);
    }
    handle_result sent;
    send(request, 0, 0, &sent);
    if (sent.is_error) {
        return refused(sent.which);
    }
    int pollable = subscribe(sent.handle);
    block(pollable);
    drop_pollable(pollable);
    future_result got;
    answer_of(sent.handle, &got);
    drop_future(sent.handle);
    if (!got.is || got.is_taken || got.answer.is_error) {
        return refused(got.is && !got.is_taken ? got.answer.which : -2);
    }
    int response = got.answer.handle;
    plain_result body, stream;
    consume(response, &body);
    stream_of(body.handle, &stream);
    output line = { 0 };
    put_number(&line, status_of(response));
    put_text(&line, TEXT(" "));
    for (read_result part; blocking_read(stream.handle, 16, &part), !part.is_error;) {
        put(&line, part.read.at, part.read.length);
    }
    drop_stream(stream.handle);
    drop_body(body.handle);
    drop_response(response);
    output payload = { 0 };
    cbor_text(&payload, written(&line));
    return reply(&payload);
}

COMPONENT("tests.wasi-get", "0.1.0", "Gets what a URL names", OPERATION("get", "Gets it"))
