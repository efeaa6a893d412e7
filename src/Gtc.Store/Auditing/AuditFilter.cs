using Gtc.Model;

namespace Gtc.Store;

/// <summary>Which lines of an audit log to read; what is null is not asked for.</summary>
public sealed record AuditFilter
{
    /// <summary>How many lines to read when nothing is said.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The noun, e.g. <c>traffic</c>.</summary>
    public string? Noun { get; init; }

    /// <summary>The verb, e.g. <c>set</c>.</summary>
    public string? Verb { get; init; }

    /// <summary>The login name of who acted.</summary>
    public string? Actor { get; init; }

    /// <summary>The earliest time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The time after the latest.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary><c>ok</c> or <c>error</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>The event id of a line: only those before it, to read on.</summary>
    public string? Before { get; init; }

    /// <summary>The most lines; the newest ones are taken.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Whether a line is asked for; <see cref="Before"/> and <see cref="Limit"/> are the reader's.</summary>
    public bool Takes(AuditEvent line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return (Noun is null || line.Noun == Noun)
            && (Verb is null || line.Verb == Verb)
            && (Actor is null || line.Actor.User == Actor)
            && (Since is null || line.Ts >= Since)
            && (Until is null || line.Ts < Until)
            && (Outcome is null || line.Result.Outcome == Outcome);
    }
}
