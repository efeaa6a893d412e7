using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Audit;

/// <summary><c>gtc op audit show</c>: the newest lines of an audit log, filtered.</summary>
internal static class AuditShow
{
    private const uint MostLimit = 10_000;

    /// <summary>The verb.</summary>
    public static Verb<ShowAuditPayload> Verb => new()
    {
        Noun = "audit",
        Name = "show",
        Purpose = "Show who changed what in an environment, oldest first, refused attempts included",
        Remark = "Times are RFC 3339, or an age such as 90s, 15min, 24h or 7d. Lines that cannot be read are left out; op audit verify names them.",
        Examples = ["op audit show", "op audit show prod --noun traffic --since 24h", "op audit show --outcome error --actor alice --limit 10"],
        Payload = OpJson.Default.ShowAuditPayload,
        Fields =
        [
            PayloadField.Environment,
            new("noun", "only changes of this noun, e.g. traffic", "--noun", "NOUN"),
            new("verb", "only changes of this verb, e.g. set", "--verb", "VERB"),
            new("outcome", "only those that ended so: ok or error", "--outcome", "ok|error"),
            new("actor", "only those of this login name", "--actor", "NAME"),
            new("since", "only from this time on", "--since", "TIME|AGE"),
            new("until", "only before this time", "--until", "TIME|AGE"),
            new("limit", $"how many of the newest; {AuditFilter.DefaultLimit} when not given, {MostLimit} at most", "--limit", "N"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ShowAuditPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Filter(payload, call.Context.Time.GetUtcNow()).TryGet(out var filter, out var refusal)
            || !OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out _, out refusal)
            || !(await at.AuditAsync(filter, cancellationToken)).TryGet(out var events, out refusal))
        {
            return refusal;
        }

        return new Answer(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("environment_id", at.Environment.ToString());
                writer.WriteStartArray("events");
                foreach (var line in events)
                {
                    writer.WriteRawValue(Documents.AuditEvent.ToLine(line), skipInputValidation: true);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            },
            screen => screen.Table(
                new(
                    [new("when"), new("who", 1), new("what"), new("outcome"), new("target", 2), new("why", 3)],
                    [.. events.Select(line => Row(line, screen))]),
                "No line of the audit log fits."));
    }

    private static ImmutableArray<string> Row(AuditEvent line, Screen screen) =>
    [
        screen.Ago(line.Ts),
        line.Actor.User ?? line.Actor.Kind,
        $"{line.Noun} {line.Verb}",
        line.Result.Kind ?? line.Result.Outcome,
        line.Target.GetRawText(),
        line.Result.Message ?? "",
    ];

    private static Outcome<AuditFilter> Filter(ShowAuditPayload payload, DateTimeOffset now)
    {
        if (payload.Limit is 0 or > MostLimit)
        {
            return new Refusal.InvalidArgument($"limit must be from 1 to {MostLimit}, {payload.Limit} was given");
        }

        if (payload.Outcome is not (null or "ok" or "error"))
        {
            return new Refusal.InvalidArgument($"outcome must be ok or error, `{payload.Outcome}` was given");
        }

        return GivenTime.Read("since", payload.Since, now).Then(since => GivenTime.Read("until", payload.Until, now).Then(until => (Outcome<AuditFilter>)new AuditFilter
        {
            Noun = payload.Noun,
            Verb = payload.Verb,
            Outcome = payload.Outcome,
            Actor = payload.Actor,
            Since = since,
            Until = until,
            Limit = (int)(payload.Limit ?? AuditFilter.DefaultLimit),
        }));
    }
}

/// <summary>What <c>audit show</c> takes.</summary>
internal sealed record ShowAuditPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The noun.</summary>
    public string? Noun { get; init; }

    /// <summary>The verb.</summary>
    public string? Verb { get; init; }

    /// <summary><c>ok</c> or <c>error</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>The login name.</summary>
    public string? Actor { get; init; }

    /// <summary>The earliest time.</summary>
    public string? Since { get; init; }

    /// <summary>The time after the latest.</summary>
    public string? Until { get; init; }

    /// <summary>How many.</summary>
    public uint? Limit { get; init; }
}
