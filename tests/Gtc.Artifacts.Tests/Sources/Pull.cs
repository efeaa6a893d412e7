using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Tests.Sources;

/// <summary>Runs one pull into a fresh file.</summary>
internal static class Pull
{
    /// <summary>The default rules with waits too short to notice.</summary>
    public static PullOptions Quick { get; } = new() { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) };

    public static async Task<(Outcome<PulledBundle> Outcome, byte[] Content)> RunAsync(
        string source, PullOptions? options = null, long? maxBytes = null, HttpMessageHandler? transport = null, TimeProvider? time = null,
        IProgress<PullProgress>? progress = null, CancellationToken? cancellationToken = null)
    {
        var path = Path.Combine(Path.GetTempPath(), $"gtc-pull-{Guid.NewGuid():N}");
        try
        {
            Outcome<PulledBundle> outcome;
            using (var file = Create(path))
            {
                var puller = new BundlePuller(time ?? TimeProvider.System, static () => 0, NullLogger.Instance, transport);
                var request = new PullRequest
                {
                    Source = source,
                    Destination = file,
                    MaxBytes = maxBytes ?? PullRequest.DefaultMaxBytes,
                    Options = options ?? Quick,
                };
                outcome = await puller.PullAsync(request, progress, cancellationToken ?? TestContext.Current.CancellationToken);
            }

            return (outcome, await File.ReadAllBytesAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static SafeFileHandle Create(string path) => File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);

    /// <summary>The value of a labelled detail, or null.</summary>
    public static string? Detail(this Refusal refusal, string label) =>
        refusal.Details.Where(detail => detail.Label == label).Select(static detail => detail.Value).FirstOrDefault();

    /// <summary>Everything that a person may see of a refusal.</summary>
    public static string AllText(this Refusal refusal) =>
        $"{refusal.Message}\n{string.Join('\n', refusal.Details.Select(static detail => $"{detail.Label} {detail.Value}"))}\n{refusal.Next}";
}
