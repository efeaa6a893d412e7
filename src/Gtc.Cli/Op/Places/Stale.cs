using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>Tells who was faster.</summary>
internal static class Stale
{
    /// <summary>How far back is told.</summary>
    public const int LooksBack = 20;

    /// <summary>A refusal of a change that expected an older generation, with what was done since.</summary>
    /// <param name="stale">The refusal.</param>
    /// <param name="newest">The newest generations, newest first.</param>
    public static Refusal With(Refusal.StaleWrite stale, ImmutableArray<GenerationEntry> newest) => stale with
    {
        Details =
        [
            .. newest.Where(entry => entry.Generation > (ulong)stale.Expected).Reverse().Select(entry => new RefusalDetail(
                string.Create(CultureInfo.InvariantCulture, $"generation {entry.Generation}"),
                $"{entry.Noun} {entry.Verb} by {entry.Actor.User ?? entry.Actor.Kind} at {Rfc3339Json.Format(entry.At)}")),
        ],
    };
}
