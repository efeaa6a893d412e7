using System.Security.Cryptography;
using System.Text;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Sources;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests;

/// <summary>One environment in a fresh folder, made by the engine's own verbs, and workers booted in process on free ports.</summary>
internal sealed class WorkerLab : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);
    private byte _ids;

    public WorkerLab()
    {
        Root = Directory.CreateTempSubdirectory("gtc-runtime-").FullName;
        Store = new FileEnvironmentStore(new StoreLayout(Path.Combine(Root, "environments")), TimeProvider.System, RandomNumberGenerator.Fill);
    }

    public string Root { get; }

    public FileEnvironmentStore Store { get; }

    public string Environment => Path.Combine(Root, "environments", "local");

    public string RuntimeConfig => Path.Combine(Environment, "runtime-config.json");

    public StringWriter Banners { get; } = new();

    public LogCapture Logs { get; } = new();

    public Dictionary<string, string?> Variables { get; } = new(StringComparer.Ordinal) { ["PORT"] = "0" };

    public EnvironmentDocument Document { get; private set; } = EnvironmentVerbs.CreateLocal();

    public static async Task<string> BuildAsync(string sample, string folder)
    {
        var path = Path.Combine(folder, $"{sample}.gtbundle");
        var built = await BundleBuilder.BuildAsync(Path.Combine(Repository.Root, "samples", sample), path, "test", TestContext.Current.CancellationToken);
        return built.Value.Path;
    }

    public string PathTo(string name) => Path.Combine(Root, name);

    public string RevisionFolder(RevisionId id) => Path.Combine(Environment, "revisions", id.ToString());

    /// <summary>Adds a deployment that is reached below a prefix.</summary>
    public DeploymentId Deploy(string bundleId = "main", string prefix = "/")
    {
        var id = new DeploymentId(NextId());
        Document = DeploymentVerbs.Add(Document, new AddDeployment
        {
            DeploymentId = id,
            BundleId = bundleId,
            CustomerId = DeploymentVerbs.LocalCustomer,
            RouteBinding = new RouteBinding { PathPrefixes = [prefix], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, Now).Value.Document;
        return id;
    }

    /// <summary>Stages a pullable revision pinned to the file's present digest, and makes it ready.</summary>
    public async Task<RevisionId> StageAsync(DeploymentId deployment, string bundle, string? source, string? digest = null)
    {
        var id = new RevisionId(NextId());
        digest ??= ContentDigest.OfFile(bundle, TestContext.Current.CancellationToken).Value.ToString();
        Document = RevisionVerbs.Stage(Document, new StageRevision
        {
            RevisionId = id,
            DeploymentId = deployment,
            BundleDigest = digest,
            BundleSourceUri = source,
            PackListLockRef = $"revisions/{id}/pack-list.lock",
        }, Now).Value.Document;
        Document = RevisionVerbs.Warm(Document, id, HealthGate.Passed, Now).Value.Document;
        return id;
    }

    public void Route(DeploymentId deployment, params (RevisionId Revision, uint Weight)[] shares) =>
        Document = TrafficVerbs.Set(Document, new SetTraffic
        {
            DeploymentId = deployment,
            Entries = [.. shares.Select(share => new TrafficShare { RevisionId = share.Revision, WeightBps = share.Weight })],
            UpdatedBy = "test",
            IdempotencyKey = NextId().ToString(),
        }, Now).Value.Document;

    /// <summary>Opens a preview, from now or from another time.</summary>
    public void Preview(DeploymentId deployment, RevisionId revision, string token, string? host = null, DateTimeOffset? since = null) =>
        Document = PreviewVerbs.Add(Document, new AddPreview
        {
            DeploymentId = deployment,
            RevisionId = revision,
            Host = host,
            TokenHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))),
        }, since ?? TimeProvider.System.GetUtcNow()).Value.Document;

    /// <summary>One deployment at the root, one revision at 100 %.</summary>
    public async Task<RevisionId> RouteOneAsync(string bundle, string? source = null)
    {
        var deployment = Deploy();
        var revision = await StageAsync(deployment, bundle, source ?? bundle);
        Route(deployment, (revision, 10_000));
        Save();
        return revision;
    }

    /// <summary>Writes environment.json alone, which is all that a fresh pod gets.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Environment);
        Replace("environment.json", Documents.Environment.ToFile(Document));
    }

    /// <summary>Writes environment.json and runtime-config.json, as a change of the dial does.</summary>
    public void SaveAll()
    {
        Replace("runtime-config.json", Documents.RuntimeConfig.ToFile(RuntimeProjection.Project(Document)));
        Save();
    }

    /// <summary>Replaces a file of the environment by a rename.</summary>
    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Environment, name);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Changes the document by hand.</summary>
    public void Change(Func<EnvironmentDocument, EnvironmentDocument> change) => Document = change(Document);

    public Task<Outcome<WorkerHost>> BootAsync(Func<WorkerOptions, WorkerOptions>? change = null)
    {
        var options = Options();
        return WorkerHost.StartAsync(change?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }

    public WorkerOptions Options() => new()
    {
        Environment = EnvId.Local,
        Store = Store,
        Variable = name => Variables.GetValueOrDefault(name),
        Banners = Banners,
        Logging = Logs,
        Time = TimeProvider.System,
        Random = () => 0,
        Keys = RandomNumberGenerator.Fill,
        Jitter = () => 0,
        Pull = PullOptions.Default with { Attempts = 1 },
    };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private Ulid NextId() => Ulid.From(Now, [0, 0, 0, 0, 0, 0, 0, 0, 0, ++_ids]);

    /// <summary>Keeps every log line.</summary>
    internal sealed class LogCapture : ILoggerFactory, ILogger
    {
        private readonly List<(LogLevel Level, string Text)> _lines = [];

        public IReadOnlyList<(LogLevel Level, string Text)> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add((logLevel, formatter(state, exception)));
            }
        }

        public void Dispose()
        {
        }
    }
}
