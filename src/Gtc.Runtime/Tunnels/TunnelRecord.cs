using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// The URL of a worker's tunnel in <c>runtime.json</c>, as <c>discovered.tunnel_url</c> (decision 31). Where the environment's folder cannot be written, it is
/// told once and stands in <c>GET /status</c> alone.
/// </summary>
internal sealed partial class TunnelRecord(WorkerOptions options, ILogger logger)
{
    private const string Key = "tunnel_url";

    // Whoever holds the environment's lock for longer than this does not hold up a worker that stops.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly PackDescriptor Usual = PackDescriptor.TryParse(EnvironmentVerbs.LocalProcessDeployer, out var kind) ? kind : default;

    private string? _url;
    private bool _hasToldWhy;

    /// <summary>Removes what a killed worker left, where no other worker may have written it. The file may be broken: this worker has no part in that.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (!options.SharesFolder)
        {
            await ChangeAsync(static discovered => discovered.Remove(Key), cancellationToken);
        }
    }

    /// <summary>Writes where callers come in.</summary>
    public async Task WriteAsync(string url, CancellationToken cancellationToken)
    {
        var refusal = await ChangeAsync(discovered => discovered.SetItem(Key, JsonSerializer.SerializeToElement(url, TunnelJson.Default.String)), cancellationToken);
        _url = refusal is null ? url : null;
        Tell(refusal);
    }

    /// <summary>Removes what this worker wrote; the URL of another worker in the folder stays.</summary>
    public async Task RemoveAsync()
    {
        if (_url is { } written)
        {
            _url = null;
            Tell(await ChangeAsync(discovered => IsOf(discovered, written) ? discovered.Remove(Key) : discovered, CancellationToken.None));
        }
    }

    private static bool IsOf(ImmutableSortedDictionary<string, JsonElement> discovered, string url) =>
        discovered.TryGetValue(Key, out var known) && known.ValueKind == JsonValueKind.String && known.ValueEquals(url);

    /// <summary>Changes the file; when that cannot be done the tunnel is none the worse.</summary>
    private async Task<Refusal?> ChangeAsync(Func<ImmutableSortedDictionary<string, JsonElement>, ImmutableSortedDictionary<string, JsonElement>> change, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.EnvironmentFolder))
        {
            return new Refusal.FileFailed($"{options.EnvironmentFolder} is not there");
        }

        using var over = new CancellationTokenSource(Patience, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        try
        {
            return !(await options.Store.LoadRuntimeAsync(options.Environment, either.Token)).TryGet(out var before, out var unreadable) ? unreadable
                : IsAlready(before, change) ? null
                : await options.Store.ChangeDiscoveredAsync(options.Environment, before?.GeneratedBy ?? Usual, change, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Refusal.FileFailed($"the environment was locked for {Patience.TotalSeconds} s");
        }
    }

    private void Tell(Refusal? refusal)
    {
        if (refusal is not null && !_hasToldWhy)
        {
            _hasToldWhy = true;
            Log.OnlyInStatus(logger, refusal.Message);
        }
    }

    /// <summary>Nothing is locked or written to find out that nothing is to be done.</summary>
    private static bool IsAlready(EnvironmentRuntime? before, Func<ImmutableSortedDictionary<string, JsonElement>, ImmutableSortedDictionary<string, JsonElement>> change)
    {
        var known = before?.Discovered ?? ImmutableSortedDictionary<string, JsonElement>.Empty;
        return ReferenceEquals(known, change(known));
    }

    private static partial class Log
    {
        [LoggerMessage(4773, LogLevel.Information, "runtime.json does not follow the tunnel ({Reason}); GET /status has its URL")]
        public static partial void OnlyInStatus(ILogger logger, string reason);
    }
}

[JsonSerializable(typeof(string))]
internal sealed partial class TunnelJson : JsonSerializerContext;
