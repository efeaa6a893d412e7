using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>
/// What a router follows: environment.json, and in a cluster the runtime configuration that is mounted beside it (GREENTIC_RUNTIME_CONFIG_PATH), which then
/// says what is routed. Both are read again and compared by content: the kubelet swaps links, which tells nothing about the file itself.
/// </summary>
/// <param name="options">The environment, and where a mounted configuration is.</param>
internal sealed class RouterFiles(WorkerOptions options)
{
    private readonly string? _mounted = options.Variable("GREENTIC_RUNTIME_CONFIG_PATH") is { } path && !string.IsNullOrWhiteSpace(path) ? path : null;

    /// <summary>What they hold now.</summary>
    public ServedFiles Read()
    {
        var served = ServedFiles.Read(options.Store.Files(options.Environment));
        if (_mounted is null)
        {
            return served;
        }

        return ReadMounted().TryGet(out var bytes, out var refusal)
            ? served with { RuntimeConfig = bytes }
            : served with { RuntimeConfig = null, Problem = served.Problem ?? refusal.Message };
    }

    /// <summary>The document, and what is routed by it.</summary>
    public async Task<Outcome<(EnvironmentDocument Document, RuntimeConfig Config)>> LoadAsync(CancellationToken cancellationToken)
    {
        if (!(await options.Store.LoadAsync(options.Environment, cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        if (_mounted is null)
        {
            return (document, RuntimeProjection.Project(document));
        }

        return ReadMounted().Then(bytes => Documents.RuntimeConfig.Parse(bytes)).Then(config => RuntimeConfigRules.Validate(config, options.Environment) is { } broken
            ? (Outcome<(EnvironmentDocument, RuntimeConfig)>)broken
            : (document, config));
    }

    private Outcome<byte[]> ReadMounted()
    {
        try
        {
            using var file = File.OpenRead(_mounted!);
            if (file.Length > Documents.MaxBytes)
            {
                return new Refusal.StoreFailed($"{_mounted} has {file.Length} bytes, the most is {Documents.MaxBytes}");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"the mounted runtime configuration cannot be read: {error.Message.TrimEnd('.')}");
        }
    }
}
