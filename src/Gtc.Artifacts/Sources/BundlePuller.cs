using System.Net.Http.Headers;
using Gtc.Artifacts.Oci;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Sources;

/// <summary>
/// Fetches a bundle from wherever it was declared to be (worker-runtime.md §6) into a file, hashing while the bytes arrive. Transfers
/// resume after a cut and are retried within bounds. Safe for concurrent use.
/// </summary>
/// <param name="time">Drives waits and timeouts.</param>
/// <param name="jitter">Draws a number in [0, 1) that spreads retries; must be safe for concurrent use.</param>
/// <param name="logger">Where retries are told.</param>
/// <param name="transport">Carries the requests and is not disposed here; null makes one per pull, see <see cref="HttpTransport"/>.</param>
public sealed class BundlePuller(TimeProvider time, Func<double> jitter, ILogger logger, HttpMessageHandler? transport = null)
{
    /// <summary>Fetches the bundle.</summary>
    /// <param name="request">What to fetch, and into which file.</param>
    /// <param name="progress">Told about every mebibyte, on the thread that receives; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the pull with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// What was fetched; or <see cref="Refusal.InvalidArgument"/> for a source that cannot be read, <see cref="Refusal.FetchFailed"/> when it could
    /// not be had, <see cref="Refusal.DigestMismatch"/> when a registry's bytes are not what its reference or manifest pins,
    /// <see cref="Refusal.FileFailed"/> or <see cref="Refusal.Missing"/> when a file is to blame.
    /// </returns>
    public async Task<Outcome<PulledBundle>> PullAsync(
        PullRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!SourceLocation.Parse(request.Source, request.Options).TryGet(out var location, out var refusal))
        {
            return refusal;
        }

        var options = request.Options;
        var loop = new RetryLoop(options, time, jitter, logger);
        using var owned = transport is null ? HttpTransport.Create(options) : null;
        using var client = new HttpMessageInvoker(transport ?? owned!, disposeHandler: false);
        var exchange = new HttpExchange(client);
        await using var sink = new BundleSink(request.Destination, request.MaxBytes);
        return location switch
        {
            SourceLocation.Web(var uri) => await PullWebAsync(uri, exchange, loop, sink, progress, cancellationToken),
            SourceLocation.Local(var path) => await LocalSource.CopyAsync(path, sink, progress, cancellationToken),
            SourceLocation.Registry(var reference) =>
                await new OciSource(reference, options, exchange, loop, time).PullAsync(sink, progress, cancellationToken),
            _ => throw new InvalidOperationException($"A source without a way to fetch it: {location}"),
        };
    }

    private async Task<Outcome<PulledBundle>> PullWebAsync(
        Uri uri, HttpExchange exchange, RetryLoop loop, BundleSink sink, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var address = SafeAddress.Of(uri);
        var target = new FetchTarget($"the bundle could not be pulled from {address}", address, Code: null, $"curl -fIL '{address}'");
        var transfer = new HttpTransfer(exchange.SendAsync, new Ask(HttpMethod.Get, uri) { Authorization = UserInformation(uri) }, sink, time, progress);
        var outcome = await loop.RunAsync(
            target,
            () => sink.Length,
            async guard =>
            {
                await transfer.AttemptAsync(guard);
                return await sink.FinishAsync();
            },
            cancellationToken);
        return outcome.Then<PulledBundle>(digest => new PulledBundle(sink.Length, digest, address, ManifestDigest: null));
    }

    private static AuthenticationHeaderValue? UserInformation(Uri uri)
    {
        if (uri.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = uri.UserInfo.Split(':', 2);
        return new RegistryCredentials(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts.ElementAtOrDefault(1) ?? "")).ToBasic();
    }
}
