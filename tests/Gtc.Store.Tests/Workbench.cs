using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

/// <summary>A store in a fresh folder with a clock that stands still and ids that count.</summary>
public sealed class Workbench : IDisposable
{
    private int _drawn;

    public Workbench() => Store = NewStore();

    public TempFolder Folder { get; } = new();

    public ManualTime Time { get; } = new();

    public StoreLayout Layout => new(Folder["environments"]);

    public FileEnvironmentStore Store { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static EnvId Env(string text) => EnvId.TryParse(text, out var id) ? id : throw new ArgumentException(text);

    public static EnvironmentDocument Fresh(string id) => EnvironmentVerbs.Create(Env(id), id, new HostConfig { EnvId = Env(id) });

    public static MutationIntent Intent(string id, string noun = "env", string verb = "update") =>
        new(Env(id), noun, verb, new JsonObject { ["environment_id"] = id });

    /// <summary>Another store on the same folder, as another process would open it.</summary>
    public FileEnvironmentStore NewStore() => new(Layout, Time, Count);

    internal FileEnvironmentStore NewStore(IFileCalls calls) => new(Layout, Time, Count, calls);

    /// <summary>One that answers before its views are written.</summary>
    internal FileEnvironmentStore NewStore(IFileCalls calls, TimeSpan follow, Action<string> warn) =>
        new(Layout, Time, Count, calls) { ViewsFollow = follow, Warned = warning => warn(warning.Message) };

    /// <summary>Draws numbers that never repeat.</summary>
    public void Count(Span<byte> destination)
    {
        destination.Clear();
        BinaryPrimitives.WriteInt32BigEndian(destination[^4..], Interlocked.Increment(ref _drawn));
    }

    public string Path(string id, string reference) => System.IO.Path.Combine(Layout.Environment(Env(id)).Folder, reference);

    public Task<Outcome<EnvironmentDocument>> CreateAsync(string id, FileEnvironmentStore? store = null) => (store ?? Store).MutateAsync<EnvironmentDocument>(
        Intent(id, "env", "create"),
        context => context.Current is null
            ? new Mutation<EnvironmentDocument>(Fresh(id)) { Document = Fresh(id) }
            : new Refusal.Conflict($"environment `{id}` exists already"),
        Cancellation);

    public async Task<EnvironmentDocument> SaveAsync(EnvironmentDocument document, bool refreshes = false) => (await Store.MutateAsync<EnvironmentDocument>(
        Intent(document.EnvironmentId.ToString()),
        context => new Mutation<EnvironmentDocument>(document) { Document = document, RefreshesRuntimeConfig = refreshes },
        Cancellation)).Value;

    /// <summary>Makes it an environment of the layout before the journal: only its files say what it is.</summary>
    public void ForgetJournal(string id) => Directory.Delete(Path(id, "journal"), recursive: true);

    public string[] Backups(string id, string name) => Directory.Exists(Path(id, "backups"))
        ? [.. Directory.GetFiles(Path(id, "backups"), name + ".*").Order(StringComparer.Ordinal)]
        : [];

    public ImmutableArray<JsonElement> AuditLines(string id) => Lines(Layout.Environment(Env(id)).AuditLog);

    public static ImmutableArray<JsonElement> Lines(string path)
    {
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        text.ShouldEndWith("\n");
        return [.. text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public void Dispose() => Folder.Dispose();
}
