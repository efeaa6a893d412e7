using System.Collections.Immutable;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

/// <summary>The secrets of one environment in a fresh folder, with variables of its own.</summary>
internal sealed class SecretBench : IDisposable
{
    public const string DevStore = "greentic.secrets.dev-store@0.1.0";

    private readonly EnvId _id;

    public SecretBench(string id = "local", string? answers = null)
    {
        _id = Workbench.Env(id);
        Variables["HOME"] = Workbench.Folder["home"];
        Document = Bound(Workbench.Fresh(id), answers is null ? null : "answers.json");
        if (answers is not null)
        {
            Directory.CreateDirectory(Layout.Folder);
            File.WriteAllText(Path.Combine(Layout.Folder, "answers.json"), answers);
        }
    }

    public Workbench Workbench { get; } = new();

    public Dictionary<string, string> Variables { get; } = [];

    public EnvironmentLayout Layout => Workbench.Layout.Environment(_id);

    public EnvironmentDocument Document { get; set; }

    public SecretAccess Access => new(name => Variables.GetValueOrDefault(name), Workbench.Time, System.Security.Cryptography.RandomNumberGenerator.Fill);

    public string FilePath => Path.Combine(Layout.Folder, ".greentic", "dev", ".dev.secrets.env");

    public string KeyPath => Workbench.Folder[$"home/.greentic/keys/{_id}.key"];

    public SecretStore Open() => TryOpen().Value;

    public Outcome<SecretStore> TryOpen() => SecretStore.Open(Document, Layout, Access);

    public SecretStore Open(IFileCalls calls, RandomSource? random = null) => TryOpen(calls, random).Value;

    public Outcome<SecretStore> TryOpen(IFileCalls calls, RandomSource? random = null) => SecretStore.Open(Document, Layout, Access with { Random = random ?? Access.Random }, new AtomicFile(calls, Workbench.Count));

    public SecretUri Uri(string path) => SecretPath.Parse(path).Value.In(_id).Value;

    public SecretVersion Put(string path, string value)
    {
        using var secret = SecretValue.Of(value).Value;
        return Open().Put(Uri(path), secret).Value;
    }

    public SecretReading Read(string path, uint? version = null) => Open().Get(Uri(path), version).Value;

    public string? Text(string path, uint? version = null)
    {
        if (Read(path, version) is not SecretReading.Found found)
        {
            return null;
        }

        using (found.Value)
        {
            return found.Value.Reveal();
        }
    }

    /// <summary>Seals the environment and takes over the document that says so.</summary>
    public async Task<Outcome<EnvironmentDocument?>> SealAsync()
    {
        var done = await Workbench.Store.MutateAsync<EnvironmentDocument?>(
            Workbench.Intent(_id.ToString()),
            context => SecretStore.Open(Document, Layout, Access)
                .Then(store => store.Seal(new MutationContext(context.Files, Document, context.Generation, context.Now, Workbench.Count)))
                .Then(document => (Outcome<Mutation<EnvironmentDocument?>>)new Mutation<EnvironmentDocument?>(document) { Document = document }),
            Workbench.Cancellation);
        Document = done.IsOk && done.Value is { } document ? document : Document;
        return done;
    }

    public void WriteFile(byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllBytes(FilePath, content);
    }

    public void WriteState(string json) => WriteFile(Encoding.ASCII.GetBytes($"SECRETS_BACKEND_STATE={Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=')}\n"));

    public void Dispose() => Workbench.Dispose();

    private static EnvironmentDocument Bound(EnvironmentDocument document, string? answers)
    {
        PackDescriptor.TryParse(DevStore, out var kind).ShouldBeTrue();
        return document with { Packs = [new EnvPackBinding { Slot = CapabilitySlot.Secrets, Kind = kind, PackRef = DevStore, AnswersRef = answers }] };
    }
}
