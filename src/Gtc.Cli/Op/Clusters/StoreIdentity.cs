using System.Security.Cryptography;
using System.Text;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary>Tells stores apart that put environments of the same id into one cluster: a random id, made when it is first needed: on files one for all environments, on a store server, which may be many servers, one beside each environment.</summary>
internal static class StoreIdentity
{
    private const string Name = ".store-id";
    private const int LabelBytes = 8;

    /// <summary>The value of the label <c>greentic.ai/store</c>: a digest of the id, so that the id itself stays here.</summary>
    public static async Task<Outcome<string>> LabelAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken) => at is RemotePlace remote
        ? (await remote.Store.FileAsync(at.Environment, OpenSides.StoreId, cancellationToken)).Then(id => Label(id is null ? call.NewUlid().ToString() : Encoding.ASCII.GetString(id), remote.Shown))
        : LabelOnFiles((LocalPlace)at, call);

    private static Outcome<string> Label(string text, string place) => Ulid.TryParse(text.Trim(), out var id)
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id.ToString())).AsSpan(0, LabelBytes))
        : new Refusal.StoreFailed($"{place} holds no id of a store") { Details = [new("expected", "a ULID; objects of clusters carry its digest")] };

    private static Outcome<string> LabelOnFiles(LocalPlace at, VerbCall call)
    {
        var path = Path.Combine(at.Store.Layout.Root, Name);
        try
        {
            if (!File.Exists(path))
            {
                Create(path, call.NewUlid().ToString());
            }

            return Label(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"the id of the store cannot be read or made: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Of two processes that make one at once, both use the first.</summary>
    private static void Create(string path, string id)
    {
        var beside = $"{path}.{id}";
        File.WriteAllText(beside, $"{id}\n");
        try
        {
            File.Move(beside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(beside);
        }
    }
}
