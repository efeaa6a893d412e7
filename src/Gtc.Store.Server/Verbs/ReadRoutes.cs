using System.Globalization;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;
using Microsoft.AspNetCore.Http;

namespace Gtc.Store.Server;

/// <summary>The routes that change nothing.</summary>
internal static class ReadRoutes
{
    /// <summary>The most items of one page.</summary>
    public const int MaxPage = 1000;

    private const int DefaultPage = 100;
    private const string One = "/environments/{env_id}";

    private static readonly (string, string) Limit = ("limit", $"the most items; {DefaultPage} when not given, at most {MaxPage}");

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ReadRoute> All { get; } =
    [
        new ReadRoute
        {
            Method = "GET",
            Path = "/environments",
            Noun = "env",
            Verb = "list",
            Summary = "The ids of the environments in the caller's scope, sorted",
            Answer = ListAsync,
            Query = [("limit", $"the most ids; {MaxPage} when not given, and at most"), ("after", "the last id of the page before")],
        },
        new ReadRoute { Method = "GET", Path = One, Noun = "env", Verb = "show", Summary = "An environment, now or at a generation", Answer = ShowAsync, Query = [("generation", "an earlier generation")] },
        new ReadRoute
        {
            Method = "GET",
            Path = One + "/history",
            Noun = "env",
            Verb = "history",
            Summary = "What made the newest generations, newest first",
            Answer = HistoryAsync,
            Query = [Limit, ("before", "the last generation of the page before")],
        },
        new ReadRoute
        {
            Method = "GET",
            Path = One + "/audit",
            Noun = "audit",
            Verb = "show",
            Summary = "The newest audit lines, oldest first",
            Answer = AuditAsync,
            Query =
            [
                Limit, ("before", "the event id of a line: only those before it"), ("noun", "only this noun"), ("verb", "only this verb"), ("actor", "only this user"),
                ("outcome", "ok or error"), ("since", "the earliest time, RFC 3339"), ("until", "the time after the latest, RFC 3339"),
            ],
        },
        new ReadRoute
        {
            Method = "GET",
            Path = One + "/watch",
            Noun = "env",
            Verb = "watch",
            Summary = "Waits until the environment is past a generation; as text/event-stream it goes on",
            Answer = WatchRoute.AnswerAsync,
            Waits = true,
            Query = [("from", "the generation that the caller has; 0 when not given"), ("timeout", "how many seconds to wait for one answer; 30 when not given, at most 300")],
        },
        new ReadRoute { Method = "GET", Path = One + "/runtime", Noun = "runtime", Verb = "show", Summary = "What a deployer discovered", Answer = RuntimeAsync },
        new ReadRoute { Method = "GET", Path = One + "/trust-root", Noun = "trust-root", Verb = "list", Summary = "The trusted keys", Answer = TrustRootAsync },
    ];

    /// <summary>The entity tag of a trust root; that of an environment that was never bootstrapped is fixed.</summary>
    public static string EtagOf(TrustRoot? root)
    {
        using var document = JsonDocument.Parse((root ?? TrustRoot.Empty).ToFile());
        return CanonicalJson.Digest(document.RootElement).Hex;
    }

    /// <summary>Whether the caller has what is tagged.</summary>
    public static bool Has(HttpRequest request, string etag) =>
        request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || tag == $"\"{etag}\"");

    /// <summary>How a read's refusal is answered.</summary>
    public static Reply Refuse(EnvId environment, Refusal refusal) => Reply.Of(refusal is Refusal.Missing ? Problem.NoEnvironment(environment) : Problem.Of(refusal));

    private static async Task<Reply> ListAsync(ReadCall call)
    {
        if (!call.Number("limit", 1, MaxPage).TryGet(out var limit, out var refusal)
            || !call.Text("after").TryGet(out var after, out refusal)
            || !(await call.Storage.ListAsync(call.Request.HttpContext.RequestAborted)).TryGet(out var all, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        var visible = all.Where(id => call.Caller.Rule?.Covers(id) != false && string.CompareOrdinal(id.ToString(), after) > 0).ToList();
        var page = visible.Take((int)(limit ?? MaxPage)).ToList();
        return Reply.Object(200, writer =>
        {
            writer.WriteStartArray("environments");
            foreach (var id in page)
            {
                writer.WriteStringValue(id.ToString());
            }

            writer.WriteEndArray();
            if (page.Count < visible.Count)
            {
                writer.WriteString("next", page[^1].ToString());
            }
        });
    }

    private static async Task<Reply> ShowAsync(ReadCall call)
    {
        if (!call.Number("generation", 0, long.MaxValue).TryGet(out var generation, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!(await call.Storage.ReadAsync(call.Environment, null, call.Request.HttpContext.RequestAborted)).TryGet(out var stored, out refusal))
        {
            return Refuse(call.Environment, refusal);
        }

        if (generation is { } wanted && wanted != stored.Generation
            && !(await call.Storage.ReadAsync(call.Environment, wanted, call.Request.HttpContext.RequestAborted)).TryGet(out stored, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        return WithEtag(call, stored.Etag, writer =>
        {
            writer.WritePropertyName("environment");
            writer.WriteRawValue(stored.Line.Span, skipInputValidation: true);
            writer.WriteString("etag", stored.Etag);
            writer.WriteNumber("generation", stored.Generation);
        });
    }

    private static async Task<Reply> HistoryAsync(ReadCall call)
    {
        if (!call.Number("limit", 1, MaxPage).TryGet(out var limit, out var refusal) || !call.Number("before", 1, long.MaxValue).TryGet(out var before, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        var most = (int)(limit ?? DefaultPage);
        if (!(await call.Storage.HistoryAsync(call.Environment, most, before, call.Request.HttpContext.RequestAborted)).TryGet(out var found, out refusal))
        {
            return Refuse(call.Environment, refusal);
        }

        return Reply.Object(200, writer =>
        {
            writer.WriteString("environment_id", call.Environment.ToString());
            writer.WriteStartArray("generations");
            foreach (var entry in found)
            {
                JsonSerializer.Serialize(writer, entry, ContractJson.Default.GenerationEntry);
            }

            writer.WriteEndArray();
            if (found.Length == most && found[^1].Generation > 1)
            {
                writer.WriteNumber("next", found[^1].Generation);
            }
        });
    }

    private static async Task<Reply> AuditAsync(ReadCall call)
    {
        if (!Filter(call).TryGet(out var filter, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!(await call.Storage.AuditAsync(call.Environment, filter, call.Request.HttpContext.RequestAborted)).TryGet(out var found, out refusal))
        {
            return Refuse(call.Environment, refusal);
        }

        return Reply.Object(200, writer =>
        {
            writer.WriteString("environment_id", call.Environment.ToString());
            writer.WriteStartArray("events");
            foreach (var line in found)
            {
                writer.WriteRawValue(Documents.AuditEvent.ToLine(line), skipInputValidation: true);
            }

            writer.WriteEndArray();
            if (found.Length == filter.Limit)
            {
                writer.WriteString("next", found[0].EventId);
            }
        });
    }

    private static Outcome<AuditFilter> Filter(ReadCall call)
    {
        if (!call.Number("limit", 1, MaxPage).TryGet(out var limit, out var refusal)
            || !call.Text("before").TryGet(out var before, out refusal)
            || !call.Text("noun").TryGet(out var noun, out refusal)
            || !call.Text("verb").TryGet(out var verb, out refusal)
            || !call.Text("actor").TryGet(out var actor, out refusal)
            || !call.Text("outcome").TryGet(out var outcome, out refusal)
            || !Time(call, "since").TryGet(out var since, out refusal)
            || !Time(call, "until").TryGet(out var until, out refusal))
        {
            return refusal;
        }

        return outcome is null or "ok" or "error"
            ? new AuditFilter { Limit = (int)(limit ?? DefaultPage), Before = before, Noun = noun, Verb = verb, Actor = actor, Outcome = outcome, Since = since, Until = until }
            : new Refusal.InvalidArgument("query parameter outcome must be ok or error");
    }

    private static Outcome<DateTimeOffset?> Time(ReadCall call, string name) => call.Text(name).Then(text => text is null ? (DateTimeOffset?)null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : (Outcome<DateTimeOffset?>)new Refusal.InvalidArgument($"query parameter {name} must be an RFC 3339 time"));

    private static async Task<Reply> RuntimeAsync(ReadCall call)
    {
        if (!(await call.Storage.ReadRuntimeAsync(call.Environment, call.Request.HttpContext.RequestAborted)).TryGet(out var runtime, out var refusal))
        {
            return Refuse(call.Environment, refusal);
        }

        return Reply.Object(200, writer =>
        {
            writer.WritePropertyName("runtime");
            if (runtime is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                writer.WriteRawValue(Documents.EnvironmentRuntime.ToLine(runtime), skipInputValidation: true);
            }
        });
    }

    private static async Task<Reply> TrustRootAsync(ReadCall call)
    {
        if (!(await call.Storage.ReadTrustRootAsync(call.Environment, call.Request.HttpContext.RequestAborted)).TryGet(out var root, out var refusal))
        {
            return Refuse(call.Environment, refusal);
        }

        return WithEtag(call, EtagOf(root), writer =>
        {
            using var keys = JsonDocument.Parse((root ?? TrustRoot.Empty).ToFile());
            writer.WriteString("environment_id", call.Environment.ToString());
            writer.WritePropertyName("keys");
            keys.RootElement.GetProperty("keys").WriteTo(writer);
        });
    }

    /// <summary>The body, or 304 when the caller has it.</summary>
    public static Reply WithEtag(ReadCall call, string etag, Action<Utf8JsonWriter> members) =>
        Has(call.Request, etag)
            ? new Reply(304, default) { Etag = etag }
            : Reply.Object(200, members) with { Etag = etag };
}
