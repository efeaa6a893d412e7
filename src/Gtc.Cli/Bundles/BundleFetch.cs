using Gtc.Artifacts.Sources;
using Gtc.Cli.Output;
using Gtc.Cli.Start;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Bundles;

/// <summary>Fetches a bundle into a file and compares it with what the caller expects.</summary>
internal static class BundleFetch
{
    /// <summary>Fetches into a file that must not exist yet; on a refusal there is none.</summary>
    public static async Task<Outcome<PulledBundle>> ToFileAsync(
        string source, string path, Sha256Digest? expected, ulong? maxBytes, VerbCall call, CancellationToken cancellationToken)
    {
        var outcome = await WriteAsync(source, path, maxBytes, call, cancellationToken);
        var compared = outcome.Then(pulled => Mismatch(pulled.Digest, expected, pulled.ResolvedSource) is { } refusal ? refusal : (Outcome<PulledBundle>)pulled);
        if (!compared.IsOk)
        {
            File.Delete(path);
        }

        return compared;
    }

    /// <summary>A source as the puller takes it: local paths start at the working folder.</summary>
    public static string Source(string given, CliContext context) => IsLocal(given) ? context.PathOf(given) : given;

    /// <summary>True for a plain path.</summary>
    public static bool IsLocal(string source) => !source.Contains("://", StringComparison.Ordinal);

    /// <summary>The digest that a caller expects, or null when none was given.</summary>
    public static Outcome<Sha256Digest?> Expected(string? given)
    {
        if (given is null)
        {
            return (Sha256Digest?)null;
        }

        return Sha256Digest.TryParse(given, out var digest)
            ? (Sha256Digest?)digest
            : new Refusal.InvalidArgument($"digest `{given}` must be sha256: and 64 hex digits");
    }

    /// <summary>Why bytes are not the expected ones, or null.</summary>
    public static Refusal.DigestMismatch? Mismatch(Sha256Digest found, Sha256Digest? expected, string source) => expected is null || expected == found
        ? null
        : new($"the bundle from {source} is not the one that was expected")
        {
            Details = [new("expected", expected.Value.ToString()), new("found", found.ToString())],
        };

    private static async Task<Outcome<PulledBundle>> WriteAsync(string source, string path, ulong? maxBytes, VerbCall call, CancellationToken cancellationToken)
    {
        using var progress = new TransferProgress("pulling", call.Context);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        var puller = new BundlePuller(call.Context.Time, RandomNumbers.Fraction(call.Context.Random), NullLogger.Instance);
        return await puller.PullAsync(
            new PullRequest
            {
                Source = Source(source, call.Context),
                Destination = file,
                MaxBytes = maxBytes is null ? PullRequest.DefaultMaxBytes : (long)Math.Min(maxBytes.Value, long.MaxValue),
                Options = PullOptions.FromEnvironment(call.Context.Variable),
            },
            progress,
            cancellationToken);
    }
}
