using System.Text.Json;
using Gtc.Cli.Op.LocalWorkers;
using Gtc.Conformance;
using Gtc.Deployers.LocalProcess;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Conformance;

/// <summary>One store in a fresh folder, with workers that pull a bundle of the machine's own.</summary>
internal sealed class LocalProcessSubject : ConformanceSubject
{
    /// <summary>Workers inherit it, as they do the password of a registry.</summary>
    private const string SecretVariable = "OCI_PASSWORD";

    private const string Ports = "21000..=21999";
    private const int WarmSeconds = 30;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly CliContext _context;
    private readonly string _folder;
    private readonly ServedBundle _bundle;
    private readonly FileEnvironmentStore _store;
    private readonly LinuxWorkerProcesses _machine = new();
    private readonly ObservedProcesses _observed;

    public LocalProcessSubject(CliContext context, string folder, ServedBundle bundle, bool supervises)
    {
        (_context, _folder, _bundle) = (context, folder, bundle);
        _store = new FileEnvironmentStore(new StoreLayout(Path.Combine(folder, "environments")), context.Time, new RandomSource(context.Random));
        _observed = new ObservedProcesses(_machine, _store);
        Deployer = LocalDeployer.Open(_store, _observed, context);
        Unconfigured = new LocalProcessDeployer(new LocalProcessOptions { Store = _store, Time = context.Time });
        Answers = supervises ? JsonElement.Parse($$"""{"supervise":true,"port_range":"{{Ports}}","warm_timeout_seconds":{{WarmSeconds}}}""") : null;
        var pack = new LocalProcessPack();
        Directory.CreateDirectory(folder);
        var allowed = new CredentialsSetting
        {
            Environment = ConformanceFixture.EnvironmentId,
            Folder = folder,
            Answers = AnswersReader.Read(pack, JsonElement.Parse($$"""{"port_range":"{{Ports}}"}""")).Value,
            Variable = context.Variable,
            Time = context.Time,
        };
        Credentials = new CredentialsCase(pack.Credentials, allowed, allowed with { Folder = Path.Combine(folder, "absent") });
        SecretMarker = $"marker-{Path.GetFileName(folder)}";
        Environment.SetEnvironmentVariable(SecretVariable, SecretMarker);
    }

    public override IDeployer Deployer { get; }

    public override IDeployer? Unconfigured { get; }

    public override IObservedProvider? Provider => _observed;

    public override JsonElement? Answers { get; }

    public override TimeSpan WarmTimeout => TimeSpan.FromSeconds(WarmSeconds);

    public override string? AcceptsUnwarmedSplits => LocalProcessDeployer.UnwarmedSplits;

    public override CredentialsCase? Credentials { get; }

    public override string? SecretMarker { get; }

    /// <summary>Writes the environment as a person would, with revisions that a worker can pull.</summary>
    public override Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
    {
        var placed = _bundle.In(environment);
        var layout = _store.Layout.Environment(environment.EnvironmentId);
        Directory.CreateDirectory(layout.Folder);
        File.WriteAllBytes(layout.Document, Documents.Environment.ToFile(placed));
        _observed.Place(environment.EnvironmentId);
        return Task.FromResult(placed);
    }

    public override async Task<string> LogsAsync(CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        foreach (var file in Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories))
        {
            texts.Add(await File.ReadAllTextAsync(file, cancellationToken));
        }

        return string.Join('\n', texts);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        using var timer = new PeriodicTimer(LookEvery, _context.Time);
        while (_observed.Running() is { Count: > 0 } left)
        {
            left.ForEach(worker => _machine.Signal(worker.Process, isFinal: true));
            await timer.WaitForNextTickAsync();
        }

        Environment.SetEnvironmentVariable(SecretVariable, null);
        _machine.Dispose();
        await _store.DisposeAsync();
    }
}
