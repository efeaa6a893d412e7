using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:http</c>, the outgoing side. Every request goes to the policy of the grants; without one it is refused.</summary>
internal static class WasiHttp
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    private static readonly ComponentValue Failed = ComponentValue.Error();

    private static readonly Lazy<WitType.Sum> ErrorCode = new(() => (WitType.Sum)new WitCatalog()
        .Add(IoText.Wit).Add(ClocksText.Wit).Add(HttpText.Wit).Type($"wasi:http/types@{WasiHost.Version}", "error-code"));

    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:http/outgoing-handler#handle"] = Handle,
        ["wasi:http/types#http-error-code"] = (_, _) => ComponentValue.None,
        ["wasi:http/types#[constructor]fields"] = (_, _) => Values.Give(WasiResources.Fields, new HttpFields()),
        ["wasi:http/types#[static]fields.from-list"] = FromList,
        ["wasi:http/types#[method]fields.get"] = (_, arguments) => Values.Of(arguments[0].Open(WasiResources.Fields).Get(arguments[1].Text()).Select(Values.Of)),
        ["wasi:http/types#[method]fields.has"] = (_, arguments) => Values.Of(arguments[0].Open(WasiResources.Fields).Get(arguments[1].Text()).Any()),
        ["wasi:http/types#[method]fields.set"] = Set,
        ["wasi:http/types#[method]fields.delete"] = (_, arguments) => Result(arguments[0].Open(WasiResources.Fields).Delete(arguments[1].Text())),
        ["wasi:http/types#[method]fields.append"] = (_, arguments) =>
            Result(arguments[0].Open(WasiResources.Fields).Append(arguments[1].Text(), arguments[2].Bytes())),
        ["wasi:http/types#[method]fields.entries"] = (_, arguments) => Values.Of(
            arguments[0].Open(WasiResources.Fields).Entries.Select(entry => ComponentValue.Of(Values.Of(entry.Key), Values.Of(entry.Value)))),
        ["wasi:http/types#[method]fields.clone"] = (_, arguments) => Values.Give(WasiResources.Fields, arguments[0].Open(WasiResources.Fields).Clone()),
        ["wasi:http/types#[constructor]outgoing-request"] = (_, arguments) =>
            Values.Give(WasiResources.OutgoingRequest, new OutgoingRequest(arguments[0].Open(WasiResources.Fields))),
        ["wasi:http/types#[method]outgoing-request.body"] = (call, arguments) => Body(call.Get<WasiContext>(), arguments[0].Open(WasiResources.OutgoingRequest)),
        ["wasi:http/types#[method]outgoing-request.method"] = (_, arguments) => arguments[0].Open(WasiResources.OutgoingRequest).Method,
        ["wasi:http/types#[method]outgoing-request.set-method"] = (_, arguments) => Set(arguments, (request, value) => request.Method = value.Choice()),
        ["wasi:http/types#[method]outgoing-request.path-with-query"] = (_, arguments) => arguments[0].Open(WasiResources.OutgoingRequest).Path,
        ["wasi:http/types#[method]outgoing-request.set-path-with-query"] = (_, arguments) => Set(arguments, (request, value) => request.Path = value),
        ["wasi:http/types#[method]outgoing-request.scheme"] = (_, arguments) => arguments[0].Open(WasiResources.OutgoingRequest).Scheme,
        ["wasi:http/types#[method]outgoing-request.set-scheme"] = (_, arguments) => Set(arguments, (request, value) => request.Scheme = value),
        ["wasi:http/types#[method]outgoing-request.authority"] = (_, arguments) => arguments[0].Open(WasiResources.OutgoingRequest).Authority,
        ["wasi:http/types#[method]outgoing-request.set-authority"] = (_, arguments) => Set(arguments, (request, value) => request.Authority = value),
        ["wasi:http/types#[method]outgoing-request.headers"] = (_, arguments) =>
            Values.Give(WasiResources.Fields, arguments[0].Open(WasiResources.OutgoingRequest).Headers),
        ["wasi:http/types#[constructor]request-options"] = (_, _) => Values.Give(WasiResources.RequestOptions, new RequestOptions()),
        ["wasi:http/types#[method]request-options.connect-timeout"] = (_, arguments) => arguments[0].Open(WasiResources.RequestOptions).Connect,
        ["wasi:http/types#[method]request-options.set-connect-timeout"] = (_, arguments) => SetOption(arguments, (options, value) => options.Connect = value),
        ["wasi:http/types#[method]request-options.first-byte-timeout"] = (_, arguments) => arguments[0].Open(WasiResources.RequestOptions).FirstByte,
        ["wasi:http/types#[method]request-options.set-first-byte-timeout"] = (_, arguments) => SetOption(arguments, (options, value) => options.FirstByte = value),
        ["wasi:http/types#[method]request-options.between-bytes-timeout"] = (_, arguments) => arguments[0].Open(WasiResources.RequestOptions).BetweenBytes,
        ["wasi:http/types#[method]request-options.set-between-bytes-timeout"] = (_, arguments) => SetOption(arguments, (options, value) => options.BetweenBytes = value),
        ["wasi:http/types#[method]outgoing-body.write"] = (_, arguments) => Write(arguments[0].Open(WasiResources.OutgoingBody)),
        ["wasi:http/types#[static]outgoing-body.finish"] = Finish,
        ["wasi:http/types#[method]future-incoming-response.subscribe"] = (_, arguments) => Awaited(arguments[0].Open(WasiResources.FutureResponse)),
        ["wasi:http/types#[method]future-incoming-response.get"] = (_, arguments) => Answer(arguments[0].Open(WasiResources.FutureResponse)),
        ["wasi:http/types#[method]incoming-response.status"] = (_, arguments) => Values.Of((ulong)arguments[0].Open(WasiResources.IncomingResponse).Status),
        ["wasi:http/types#[method]incoming-response.headers"] = (_, arguments) =>
            Values.Give(WasiResources.Fields, HttpFields.Frozen(arguments[0].Open(WasiResources.IncomingResponse).Headers)),
        ["wasi:http/types#[method]incoming-response.consume"] = (_, arguments) =>
            ComponentValue.Ok(Values.Give(WasiResources.IncomingBody, new IncomingBody(arguments[0].Open(WasiResources.IncomingResponse).Body))),
        ["wasi:http/types#[method]incoming-body.stream"] = (_, arguments) => Stream(arguments[0].Open(WasiResources.IncomingBody)),
        ["wasi:http/types#[static]incoming-body.finish"] = (_, _) => Values.Give(WasiResources.FutureTrailers, new object()),
        ["wasi:http/types#[method]future-trailers.subscribe"] = (_, _) => Values.Give<Pollable>(WasiResources.Pollable, new AlwaysReady()),
        ["wasi:http/types#[method]future-trailers.get"] = (_, _) =>
            ComponentValue.Some(ComponentValue.Ok(ComponentValue.Ok(ComponentValue.None))),
    };

    private static ComponentValue Handle(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var context = call.Get<WasiContext>();
        var request = arguments[0].Open(WasiResources.OutgoingRequest);
        if (context.Grants.Http is not { } policy)
        {
            return ComponentValue.Error(Code("HTTP-request-denied"));
        }

        if (request.Authority.Optional()?.Text() is not { Length: > 0 } authority)
        {
            return ComponentValue.Error(Code("HTTP-request-URI-invalid"));
        }

        var timeout = arguments[1].Optional()?.Open(WasiResources.RequestOptions).FirstByte.Optional()?.Natural();
        var future = new FutureResponse(context, policy);
        var message = new WasiHttpRequest(
            request.Method.Payload?.Text() ?? Methods[request.Method.Index],
            request.Scheme.Optional()?.Choice() switch { null or { Index: 1 } => "https", { Index: 0 } => "http", var other => other.Payload!.Text() },
            authority,
            request.Path.Optional()?.Text() ?? "/",
            request.Headers.Entries,
            default,
            timeout is { } nanoseconds ? TimeSpan.FromTicks((long)Math.Min(nanoseconds / 100, long.MaxValue)) : null);
        if (request.Body is { IsFinished: false } body)
        {
            body.Finished = () => future.Start(message with { Body = body.Bytes });
        }
        else
        {
            future.Start(message with { Body = request.Body?.Bytes ?? default });
        }

        return ComponentValue.Ok(Values.Give(WasiResources.FutureResponse, future));
    }

    private static ComponentValue Body(WasiContext context, OutgoingRequest request)
    {
        if (request.Body is not null)
        {
            return Failed;
        }

        request.Body = new OutgoingBody(context.Grants.HttpBodyBytes);
        return ComponentValue.Ok(Values.Give(WasiResources.OutgoingBody, request.Body));
    }

    private static ComponentValue Write(OutgoingBody body)
    {
        if (body.IsTaken)
        {
            return Failed;
        }

        body.IsTaken = true;
        return ComponentValue.Ok(Values.Give<WasiOutput>(WasiResources.Output, new BodyOutput(body)));
    }

    private static ComponentValue Finish(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        arguments[0].Open(WasiResources.OutgoingBody).Finish();
        return ComponentValue.Ok();
    }

    private static ComponentValue Awaited(FutureResponse future) =>
        Values.Give<Pollable>(WasiResources.Pollable, new Condition(() => future.Answer is not null));

    private static ComponentValue Answer(FutureResponse future)
    {
        if (future.Answer is not { } answer)
        {
            return ComponentValue.None;
        }

        if (future.IsTaken)
        {
            return ComponentValue.Some(Failed);
        }

        future.IsTaken = true;
        return ComponentValue.Some(ComponentValue.Ok(answer switch
        {
            WasiHttpAnswer.Response response => ComponentValue.Ok(Values.Give(WasiResources.IncomingResponse, response)),
            _ => ComponentValue.Error(Code(((WasiHttpAnswer.Failure)answer).Code)),
        }));
    }

    private static ComponentValue Stream(IncomingBody body)
    {
        if (body.IsTaken)
        {
            return Failed;
        }

        body.IsTaken = true;
        return ComponentValue.Ok(Values.Give<WasiInput>(WasiResources.Input, new BytesInput(body.Bytes)));
    }

    private static ComponentValue FromList(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var fields = new HttpFields();
        foreach (var entry in arguments[0].Items())
        {
            if (fields.Append(entry.Items()[0].Text(), entry.Items()[1].Bytes()) is { } fault)
            {
                return Result(fault);
            }
        }

        return ComponentValue.Ok(Values.Give(WasiResources.Fields, fields));
    }

    private static ComponentValue Set(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var fields = arguments[0].Open(WasiResources.Fields);
        var name = arguments[1].Text();
        var fault = fields.Delete(name);
        foreach (var value in arguments[2].Items())
        {
            fault ??= fields.Append(name, value.Bytes());
        }

        return Result(fault);
    }

    private static ComponentValue Set(ReadOnlySpan<ComponentValue> arguments, Action<OutgoingRequest, ComponentValue> change)
    {
        change(arguments[0].Open(WasiResources.OutgoingRequest), arguments[1]);
        return ComponentValue.Ok();
    }

    private static ComponentValue SetOption(ReadOnlySpan<ComponentValue> arguments, Action<RequestOptions, ComponentValue> change)
    {
        change(arguments[0].Open(WasiResources.RequestOptions), arguments[1]);
        return ComponentValue.Ok();
    }

    private static ComponentValue Result(HeaderFault? fault) =>
        fault is { } found ? ComponentValue.Error(new ComponentValue.Choice((int)found, null)) : ComponentValue.Ok();

    /// <summary>A case of <c>error-code</c>; what it could carry is left out.</summary>
    private static ComponentValue.Choice Code(string name)
    {
        var type = ErrorCode.Value;
        var number = type.Names.IndexOf(name);
        if (number < 0 || type.Payloads[number] is WitType.Product)
        {
            number = type.Names.IndexOf("internal-error");
        }

        return new ComponentValue.Choice(number, type.Payloads[number] is null ? null : ComponentValue.None);
    }
}
