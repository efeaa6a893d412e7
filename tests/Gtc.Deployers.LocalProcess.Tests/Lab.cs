using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Deployers.LocalProcess.Tests;

/// <summary>A store in a fresh folder, a machine in memory, and the deployer between them.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public static readonly JsonElement Supervise = JsonElement.Parse("""{"supervise":true,"port_range":"9001-9004","warm_timeout_seconds":1}""");

    public Lab()
    {
        Folder = Directory.CreateTempSubdirectory("gtc-local-").FullName;
        Store = new FileEnvironmentStore(new StoreLayout(Folder), TimeProvider.System, new RandomSource(RandomNumberGenerator.Fill));
        Machine = new FakeMachine { Store = Store };
        Deployer = Of(Machine);
        Environment = Place(ConformanceFixture.Environment());
    }

    public string Folder { get; }

    public FileEnvironmentStore Store { get; }

    public FakeMachine Machine { get; }

    public LocalProcessDeployer Deployer { get; }

    public EnvironmentDocument Environment { get; private set; }

    public string EnvironmentFolder => Store.Layout.Environment(Environment.EnvironmentId).Folder;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public LocalProcessDeployer Of(IWorkerProcesses? processes, params string[] program) => new(new LocalProcessOptions
    {
        Store = Store,
        Processes = processes,
        Program = program is [] ? ["gtc"] : [.. program],
        Time = TimeProvider.System,
    });

    /// <summary>Writes an environment as a person would.</summary>
    public EnvironmentDocument Place(EnvironmentDocument environment)
    {
        var layout = Store.Layout.Environment(environment.EnvironmentId);
        Directory.CreateDirectory(layout.Folder);
        File.WriteAllBytes(layout.Document, Documents.Environment.ToFile(environment));
        Machine.Place(environment.EnvironmentId);
        return Environment = environment;
    }

    public Task<Refusal?> WarmAsync(RevisionId revision) => Deployer.WarmRevisionAsync(Environment, revision, Supervise, Token);

    public Task<Refusal?> ArchiveAsync(RevisionId revision) => Deployer.ArchiveRevisionAsync(Environment, revision, Supervise, Token);

    public WorkerProcess? Recorded(RevisionId revision) => WorkerRecords.Read(Store, Environment.EnvironmentId).GetValueOrDefault(revision.ToString());

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
