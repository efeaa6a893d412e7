using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What the engine on files remembers of environments that were removed: <c>.server/removed/&lt;env&gt;.json</c>. It only counts while there is no environment of that id.</summary>
internal sealed class Tombstones(StoreLayout layout, TimeProvider time, RandomSource random)
{
    private const int MaxBytes = 8 << 20;

    private readonly string _folder = Path.Combine(layout.Root, ".server", "removed");

    /// <summary>What is left of an environment, or null.</summary>
    public Outcome<Tombstone?> Load(EnvId environment) => Files(environment).Read(Name(environment), MaxBytes).Then(bytes =>
    {
        try
        {
            return bytes is null ? (Tombstone?)null : JsonSerializer.Deserialize(bytes, StorageJson.Default.Tombstone);
        }
        catch (JsonException error)
        {
            return (Outcome<Tombstone?>)new Refusal.StoreFailed($"what is left of environment `{environment}` cannot be read: {error.Message}");
        }
    });

    /// <summary>Remembers the end of an environment, durably.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Save(EnvId environment, Tombstone tombstone) => Files(environment).Write(Name(environment), JsonSerializer.SerializeToUtf8Bytes(tombstone, StorageJson.Default.Tombstone));

    private static string Name(EnvId environment) => $"{environment}.json";

    private EnvironmentFiles Files(EnvId environment) => new(new EnvironmentLayout(environment, _folder), time, random);
}
