using System.Security.Cryptography;
using System.Text;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Clusters;

/// <summary>Tells stores apart that put environments of the same id into one cluster: a random id beside the environments, made when it is first needed.</summary>
internal static class StoreIdentity
{
    private const string Name = ".store-id";
    private const int LabelBytes = 8;

    /// <summary>The value of the label <c>greentic.ai/store</c>: a digest of the id, so that the id itself stays here.</summary>
    public static Outcome<string> Label(LocalPlace at, VerbCall call)
    {
        var path = Path.Combine(at.Store.Layout.Root, Name);
        try
        {
            if (!File.Exists(path))
            {
                Create(path, call.NewUlid().ToString());
            }

            return Ulid.TryParse(File.ReadAllText(path).Trim(), out var id)
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id.ToString())).AsSpan(0, LabelBytes))
                : new Refusal.StoreFailed($"{path} holds no id of a store") { Details = [new("expected", "a ULID; objects of clusters carry its digest")] };
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
