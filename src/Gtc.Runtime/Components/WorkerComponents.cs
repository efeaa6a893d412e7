using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Packs;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Makes the host of each revision's components from what the whole process shares: the stores, the way out, the environment's secrets.</summary>
internal sealed partial class WorkerComponents : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly ILogger _logger;
    private readonly HttpEgress _egress;
    private readonly CachedSecrets _secrets;
    private readonly IConversations _conversationsHere;
    private FlowStores? _stores;
    private volatile EnvironmentDocument? _document;

    public WorkerComponents(WorkerOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _egress = new HttpEgress(options.Egress, EgressLimits.Standard, options.Time);
        _secrets = new CachedSecrets(Find, new SecretWriting(options, () => _document!, logger).WriteAsync, CachedSecrets.Lifetime(options.Variable), options.Time);
        _conversationsHere = new ConversationsInMemory(options.Time, ConversationLimits.Standard);
    }

    /// <summary>From now on the environment says this. The stores are opened once and stay as long as the process lives.</summary>
    /// <returns>Why they cannot be opened, or null.</returns>
    public Refusal? Follow(EnvironmentDocument document)
    {
        _document = document;
        if (_stores is not null)
        {
            return null;
        }

        Refusal? refusal = null;
        if (_options.OpenFlowStores is not { } open)
        {
            _stores = FlowStores.InMemory;
        }
        else if (!open(document).TryGet(out _stores, out refusal))
        {
            return refusal;
        }

        return InboxPlace.Find(_options, _stores.Sessions).Match<Refusal?>(
            found =>
            {
                SharedInbox = found;
                return null;
            },
            why => why);
    }

    /// <summary>The server in which the inbox lies; null when it lies on this worker's disk.</summary>
    public FlowRedis? SharedInbox { get; private set; }

    /// <summary>Where flows keep what outlives a message, and whether those places answer.</summary>
    public StatusStores Stores => new(StatusStore.Of(_stores?.State), StatusStore.Of(_stores?.Sessions));

    /// <summary>How the flows of a revision run.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="packs">Its packs.</param>
    /// <param name="names">The names by which the environment knows them, by their paths.</param>
    /// <param name="configs">Their configurations.</param>
    public FlowOptions OptionsFor(RevisionId revision, IReadOnlyList<PackFile> packs, IReadOnlyDictionary<string, string> names, ImmutableArray<PackConfig> configs)
    {
        var id = revision.ToString();
        var settings = Settings(packs, names, configs);
        return FlowOptions.Standard with
        {
            Time = _options.Time,
            Sessions = _stores?.Sessions?.SessionsOf(id, ParkingLimits.Standard),
            Conversations = _stores?.Sessions?.Conversations(ConversationLimits.Standard) ?? _conversationsHere,
            Host = new ComponentHost
            {
                State = _stores?.State?.StateOf(id, StateLimits.Standard) ?? new StateInMemory(StateLimits.Standard),
                Secrets = _secrets,
                SecretWriters = _options.SecretWriters,
                Http = _egress,
                Packs = settings,
                Overrides = caller => OverridesOf(caller.Context.DeploymentId, settings.GetValueOrDefault(caller.PackId)?.Name ?? caller.PackId, caller.PackId),
                Discovered = Discovered,
            },
        };
    }

    /// <summary>What a deployment sets for a provider's pack, as one object with what <c>runtime://</c> references stand for at the moment; null when it sets nothing.</summary>
    public JsonElement? ConfigOf(DeploymentId deployment, ProviderComponent provider)
    {
        if (OverridesOf(deployment.ToString(), provider.PackName, provider.PackId) is not { } settings)
        {
            return null;
        }

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in settings)
            {
                if ((ComponentHost.ReferenceIn(value) is not { } reference ? value
                    : References.DiscoveredKey(reference, _options.Environment.ToString()) is { } discovered ? Discovered(discovered) : null) is { } known)
                {
                    writer.WritePropertyName(key);
                    known.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    public async ValueTask DisposeAsync()
    {
        _egress.Dispose();
        await (_stores?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    // Read each time: an update of the deployment reaches its revisions while they run. Packs go by the name of their file, and by their own.
    private ImmutableSortedDictionary<string, JsonElement>? OverridesOf(string deployment, string packName, string packId)
    {
        var overrides = _document?.Bundles.FirstOrDefault(candidate => candidate.DeploymentId.ToString() == deployment)?.ConfigOverrides;
        return overrides?.GetValueOrDefault(packName) ?? overrides?.GetValueOrDefault(packId);
    }

    // Packs that call themselves the same are refused later, with both named.
    private static Dictionary<string, PackSetting> Settings(IReadOnlyList<PackFile> packs, IReadOnlyDictionary<string, string> names, ImmutableArray<PackConfig> configs) =>
        packs.DistinctBy(pack => pack.Manifest.PackId, StringComparer.Ordinal).ToDictionary(
            pack => pack.Manifest.PackId,
            pack =>
            {
                var name = names.GetValueOrDefault(pack.Label, pack.Manifest.PackId);
                return new PackSetting(name, configs.FirstOrDefault(config => config.PackId == name || config.PackId == pack.Manifest.PackId));
            },
            StringComparer.Ordinal);

    // Read each time: a deployer may discover something at any moment. What it gave from outside counts where this worker found out nothing itself.
    private JsonElement? Discovered(string key) =>
        In(_options.Store.Files(_options.Environment).Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes), key) ?? In(Given(), key);

    private Outcome<byte[]?> Given()
    {
        try
        {
            return _options.Variable(CarriedRuntime.Variable) is { Length: > 0 } path && new FileInfo(path) is { Exists: true } file && File.ReadAllBytes(file.FullName) is { Length: <= Documents.MaxBytes } bytes ? bytes : (byte[]?)null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed(error.Message);
        }
    }

    private static JsonElement? In(Outcome<byte[]?> read, string key) =>
        read is { IsOk: true, Value: { } bytes } && Documents.EnvironmentRuntime.Parse(bytes).TryGet(out var runtime, out _) && runtime.Discovered.TryGetValue(key, out var value) ? value : null;

    private HostAnswer<ReadOnlyMemory<byte>> Find(SecretUri secret)
    {
        var source = new SecretSource(_document!, _options.Store.Layout.Environment(_options.Environment), new(_options.Variable, _options.Time, _options.Keys));
        if (!source.Find(secret).TryGet(out var value, out var refusal))
        {
            Log.SecretNotRead(_logger, secret, refusal.Message);
            return new HostFault("internal", "the store of secrets does not answer");
        }

        using (value)
        {
            return value is null ? new HostFault("not-found", "there is no such secret") : new ReadOnlyMemory<byte>(value.Bytes.ToArray());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5041, LogLevel.Error, "A component asked for {Secret}, which could not be read: {Reason}")]
        public static partial void SecretNotRead(ILogger logger, SecretUri secret, string reason);
    }
}
